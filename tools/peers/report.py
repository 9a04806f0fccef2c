"""The report in other people's tools: is it a sound PDF/A-3, does it say what it should.

    report.py --binary torenvalk --case demo.case

qpdf checks the structure, poppler reads text, attachments and pages; the XMP says which part of
PDF/A it claims. veraPDF is not run here: it is no Debian package.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zlib

WORDS = {
    "nl": ["Waarneming", "Interpretatie", "in te vullen door toezichthouder", "Grenzen"],
    "en": ["Observation", "Interpretation", "to be filled in by the supervisor", "Limits"],
}


def run(*command):
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def xmp(pdf):
    """The document's own description, which PDF/A wants uncompressed."""
    found = re.search(rb"<x:xmpmeta.*?</x:xmpmeta>|<rdf:RDF.*?</rdf:RDF>", pdf, re.S)
    if not found:
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S):
            try:
                found = re.search(rb"<rdf:RDF.*?</rdf:RDF>", zlib.decompress(stream), re.S)
            except zlib.error:
                continue
            if found:
                break
    return found.group(0).decode() if found else ""


def check(binary, case, language, scratch):
    out = scratch / f"report-{language}.pdf"
    told = json.loads(
        run(binary, "report", case, "--out", out, "--language", language, "--concept", "--json")
    )
    again = scratch / "again.pdf"
    run(binary, "report", case, "--out", again, "--language", language, "--concept")
    assert out.read_bytes() == again.read_bytes(), "the same case gave another report"

    run("qpdf", "--check", out)
    about = run("pdfinfo", out).decode()
    assert re.search(r"Tagged:\s+yes", about), about
    described = xmp(out.read_bytes())
    part = re.search(r"pdfaid:part[>=\"' ]+(\d)", described)
    level = re.search(r"pdfaid:conformance[>=\"' ]+(\w)", described)
    assert part and part.group(1) == "3" and level and level.group(1) == "A", described

    text = run("pdftotext", "-layout", out, "-").decode()
    for word in WORDS[language]:
        assert word in text, f"{language}: `{word}` is not in the report"
    with open(pathlib.Path(case) / "findings.geojson", encoding="utf-8") as file:
        findings = [feature["properties"]["id"] for feature in json.load(file)["features"]]
    assert told["findings"] == len(findings)
    pages = text.split("\f")
    for finding in findings:
        own = [page for page in pages if re.search(rf"^\s*{finding}\b", page, re.M)]
        assert own, f"{finding} has no page"
    attached = run("pdfdetach", "-list", out).decode()
    assert "findings.geojson" in attached and "custody.jsonl" in attached, attached
    run("pdfdetach", "-savefile", "findings.geojson", "-o", scratch / "attached.geojson", out)
    assert len(json.loads((scratch / "attached.geojson").read_text())["features"]) == len(findings)

    run("pdftoppm", "-r", "40", "-png", "-f", "1", "-l", "4", out, scratch / f"page-{language}")
    drawn = sorted(scratch.glob(f"page-{language}-*.png"))
    assert len(drawn) == 4 and all(page.stat().st_size > 2000 for page in drawn)
    print(f"{language}: {len(findings)} findings, {len(pages) - 1} pages, PDF/A-3a, same bytes twice")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--binary", required=True)
    arguments.add_argument("--case", required=True)
    told = arguments.parse_args()
    missing = [tool for tool in ("qpdf", "pdfinfo", "pdftoppm") if not shutil.which(tool)]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}")
    with tempfile.TemporaryDirectory() as scratch:
        for language in WORDS:
            check(told.binary, told.case, language, pathlib.Path(scratch))


if __name__ == "__main__":
    main()
