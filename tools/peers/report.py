#!/usr/bin/env python3
"""The report in other people's tools: is it a sound PDF/A-3, does it say what it should, does it fit.

    report.py --binary PATH CASE [CASE ...] [--keep DIR]

Each case is set in both languages, and the report of a package that is made of it. qpdf checks
the structure; poppler reads text, places of words, attachments and pages; the XMP says which part of
PDF/A it claims. Besides, a hard case is made here: 200 findings and more, long Dutch words wherever a
person may write any, originals that are gone or changed. veraPDF is not run: it is no Debian package.
--keep leaves the documents in a folder.
"""

import argparse
import hashlib
import html
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zlib

WORDS = {
    "nl": ["Waarneming", "Interpretatie", "in te vullen door toezichthouder", "Grenzen"],
    "en": ["Observation", "Interpretation", "to be filled in by the supervisor", "Limits"],
}
# What stands in place of a thermal picture that is lost, of one that a rule of privacy keeps back, and
# what stands below one that is there.
THERMAL = {
    "nl": ("Het thermische beeld ontbreekt", "Het thermische beeld blijft achter", "Thermisch beeld "),
    "en": ("The thermal picture is missing", "The thermal picture stays behind", "Thermal picture "),
}
MILLIMETRE = 72 / 25.4
# The watermark is the only word of such a height, and lies below all others on purpose.
WATERMARK = 40
SITE = "missions/kestrel-works/site"
LONG = [
    "Warmtekrachtkoppelingsinstallatiecondensaatretourleiding",
    "Hoogspanningsschakelinstallatieonderhoudsgebouw nummer 14, zuidwestelijke dakopbouw",
    "Afvalwaterzuiveringsinstallatieslibvergistingstank",
    "Bedrijfsafvalstoffenopslagterreinoverkapping",
    "Dakisolatieonderhoudswerkzaamhedencoördinatiepunt",
]
SETTINGS = """format_version = 1
organization = "Omgevingsdienst Zuidwest-Achterhoekse Industrieterreinenbeheersamenwerking"
case_number = "OD-2026-000147-WARMTENETWERKINSPECTIE"
mission_id = "WARMTENETWERKLEKKAGEONDERZOEK-NOORDOOST-3"
purpose = "Warmtenetwerkdistributieleidinglekkageonderzoek en dakisolatiekwaliteitsbeoordeling"
legal_basis = "Awb 5:18 in samenhang met de Omgevingswet, titel 18.1"
mandate = "Mandaat-, volmacht- en machtigingsbesluit bestuursrechtelijke handhaving 2026, nr. 12"
clock_source = "GNSS-tijd van het onbemande luchtvaartuig"
dpia = "DPIA-2026-07"
[report]
offender_name = "Warmtekrachtkoppelingsinstallatieonderhoudsmaatschappij Voorbeeldhaven BV"
violation = "onvoldoende isolatie van een warmtedistributieleiding, zodat warmte in de bodem verloren gaat, \
en een niet gemelde ongewone gebeurtenis aan de bedrijfsafvalwaterbehandelingsinstallatie"
violated_rule = "Besluit activiteiten leefomgeving, artikel 5.15"
place = "Bedrijfsverzamelgebouwencomplex Voorbeeldhaven, Kunstmestfabrieksweg 1"
[conditions]
air_c = -3.5
humidity_percent = 81
wind_m_s = 2.0
sky = "zwaarbewolkt, geen zonbeschenen oppervlakken sinds zonsondergang"
source = "automatisch weerstation Voorbeeldhaven, tienminutengemiddelden"
"""
REASON = (
    "ter plaatse vastgesteld met een contactthermometer; de isolatiemantel van de "
    "warmtedistributieleiding is over enkele meters verdwenen"
)


def run(*command, code=0):
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False)
    if done.returncode != code:
        told = (done.stderr or done.stdout).decode(errors="replace")[-2000:]
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}, not {code}: {told}")
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


def sound(pdf):
    """Structure, tags, and the part of PDF/A that it claims."""
    run("qpdf", "--check", pdf)
    about = run("pdfinfo", pdf).decode()
    assert re.search(r"Tagged:\s+yes", about), about
    whole = pdf.read_bytes()
    described = xmp(whole)
    part = re.search(r"pdfaid:part[>=\"' ]+(\d)", described)
    level = re.search(r"pdfaid:conformance[>=\"' ]+(\w)", described)
    assert part and part.group(1) == "3" and level and level.group(1) == "A", described
    assert b"OutputIntent" in whole, f"{pdf.name}: no output intent"
    fonts = run("pdffonts", pdf).decode().splitlines()[2:]
    # The last columns: embedded, subset, to Unicode, and the object's two numbers.
    assert fonts and all(line.split()[-5] == "yes" for line in fonts), "\n".join(fonts)


def words_of(pdf):
    """Of each page its width and its words, (left, top, right, bottom, text) in points."""
    text = run("pdftotext", "-bbox", pdf, "-").decode()
    pages = []
    for page in re.findall(r"<page [^>]*>.*?</page>", text, re.S):
        width = float(re.search(r'width="([\d.]+)"', page).group(1))
        found = re.findall(
            r'<word xMin="(\S+)" yMin="(\S+)" xMax="(\S+)" yMax="(\S+)">(.*?)</word>', page
        )
        words = [(*map(float, place), html.unescape(word)) for *place, word in found]
        pages.append((width, [word for word in words if word[3] - word[1] < WATERMARK]))
    return pages


def fits(pdf):
    """No word leaves the margins, and none lies on another one."""
    wrong = []
    for number, (width, words) in enumerate(words_of(pdf), 1):
        margin = 21 * MILLIMETRE
        for left, _, right, _, word in words:
            if left < margin or right > width - margin:
                wrong.append(f"page {number}: `{word}` leaves the margin")
        words.sort(key=lambda word: word[1])
        for at, one in enumerate(words):
            for other in words[at + 1 :]:
                if other[1] >= one[3]:
                    break
                across = min(one[2], other[2]) - max(one[0], other[0])
                down = min(one[3], other[3]) - max(one[1], other[1])
                # Boxes of neighbouring lines touch; words that lie on each other share more.
                if across > 1 and down > 0.5 * min(one[3] - one[1], other[3] - other[1]):
                    wrong.append(f"page {number}: `{one[4]}` and `{other[4]}` on each other")
    assert not wrong, f"{pdf.name}: {len(wrong)}: " + "; ".join(wrong[:8])


def says(pdf, language, features):
    """The words that it may not go without, one page a finding, its picture or why there is none.
    Gives the number of pages and of pictures that are missing."""
    text = run("pdftotext", "-layout", pdf, "-").decode()
    for word in WORDS[language]:
        assert word in text, f"{pdf.name}: `{word}` is not in the report"
    flowing = run("pdftotext", pdf, "-").decode()
    pages = [" ".join(re.sub(r"[-\u00ad\u2010]\n", "", it).split()) for it in flowing.split("\f")]
    first, missing = [], 0
    for feature in features:
        finding = feature["properties"]["id"]
        own = [
            number
            for number, page in enumerate(text.split("\f"))
            if re.search(rf"^\s*{finding}\b", page, re.M) and WORDS[language][0] in page
        ]
        assert len(own) == 1, f"{pdf.name}: {finding} has {len(own)} pages"
        first += own
        told = [it in pages[own[0]] for it in THERMAL[language]]
        assert any(told), f"{pdf.name}: {finding} has no picture and no why"
        missing += told[0]
    spread = [number for number, after in zip(first, first[1:]) if after != number + 1]
    assert not spread, f"{pdf.name}: pages {[at + 1 for at in spread]} do not hold their finding"
    return len(pages) - 1, missing


def attached(pdf, scratch):
    """What is attached, by its name."""
    folder = scratch / "attached"
    folder.mkdir()
    run("pdfdetach", "-saveall", "-o", folder, pdf)
    held = {file.name: file.read_bytes() for file in folder.iterdir()}
    shutil.rmtree(folder)
    assert set(held) == {"findings.geojson", "custody.jsonl"}, sorted(held)
    return held


def drawn(pdf, scratch):
    """Pages as pictures: none is blank."""
    run("pdftoppm", "-r", "40", "-png", "-l", "8", pdf, scratch / "page")
    pages = sorted(scratch.glob("page-*.png"))
    assert pages and all(page.stat().st_size > 2000 for page in pages), f"{pdf.name}: blank pages"
    for page in pages:
        page.unlink()


def features_of(case):
    return json.loads((case / "findings.geojson").read_text(encoding="utf-8"))["features"]


def report(binary, case, language, out, code=0):
    """Sets a report, and says what of it the program told and how long it took."""
    began = time.monotonic()
    told = run(binary, "report", case, "--out", out, "--language", language, "--concept",
               "--json", code=code)
    return json.loads(told), time.monotonic() - began


def same_again(binary, case, language, pdf):
    again = pdf.with_name("again.pdf")
    report(binary, case, language, again)
    assert pdf.read_bytes() == again.read_bytes(), "the same case gave another report"
    again.unlink()


def check(binary, case, language, out, code=0):
    pdf = out / f"{case.stem}-{language}.pdf"
    told, seconds = report(binary, case, language, pdf, code)
    if code == 0:
        same_again(binary, case, language, pdf)
    features = features_of(case)
    assert told["findings"] == len(features)
    sound(pdf)
    fits(pdf)
    pages, missing = says(pdf, language, features)
    held = attached(pdf, out)
    assert len(json.loads(held["findings.geojson"])["features"]) == len(features)
    drawn(pdf, out)
    print(f"{case.stem}, {language}: {len(features)} findings, {missing} without their picture, "
          f"{pages} pages, {pdf.stat().st_size / 1e6:.1f} MB in {seconds:.1f} s; PDF/A-3a, all "
          "words in their place", flush=True)
    return missing


def package(binary, case, out):
    """The report of a package tells the same as the files beside it."""
    made = run(binary, "export", case, "--out", out / "packages", "--profile", "concept",
               "--person", "O. Bakker", "--json", code=7)
    root = pathlib.Path(json.loads(made)["package"])
    pdf = root / "data/report/report.pdf"
    sound(pdf)
    fits(pdf)
    findings = root / "data/findings/findings.geojson"
    says(pdf, "nl", json.loads(findings.read_text(encoding="utf-8"))["features"])
    held = attached(pdf, out)
    assert held["findings.geojson"] == findings.read_bytes(), "other findings than the package's"
    log = (root / "data/custody/custody.jsonl").read_bytes()
    assert held["custody.jsonl"] == log, "another custody log than the package's"
    last = hashlib.sha256(log.splitlines(keepends=True)[-1]).hexdigest()
    head = re.search(r"Custody-Head: (\S+)", (root / "bag-info.txt").read_text()).group(1)
    text = re.sub(r"\s|\u200b", "", run("pdftotext", pdf, "-").decode())
    assert last == head and head in text, "the report states another custody head"
    print(f"{case.stem}: the package's report attaches its findings and its custody log", flush=True)


def hard_case(binary, scratch):
    """Many findings, long words, originals that are gone (one) or changed (another)."""
    home = pathlib.Path(__file__).resolve().parents[2]
    shapes = json.loads((home / f"{SITE}.geojson").read_text(encoding="utf-8"))
    assets = [it for it in shapes["features"] if it["properties"]["role"] == "asset"]
    for number, asset in enumerate(assets):
        asset["properties"]["name"] = f"{LONG[number % len(LONG)]} {number + 1}"
    site = scratch / "site"
    site.mkdir()
    (site / "site.geojson").write_text(json.dumps(shapes), encoding="utf-8")
    told = (home / f"{SITE}.toml").read_text(encoding="utf-8")
    name = 'name = "Grondwaterbeschermingsgebiedsoverschrijdend bedrijventerrein Voorbeeldhaven"'
    told = re.sub(r"^name = .*$", name, told, count=1, flags=re.M)
    (site / "site.toml").write_text(told, encoding="utf-8")
    frames, case = scratch / "frames", scratch / "hard.case"
    run(binary, "sim-scene", "--site", site / "site.toml", "--spots", "215", "--out", frames)
    # No frame, and so told as skipped.
    (frames / "truth.json").unlink()
    run(binary, "inspect", frames, "--site", site / "site.toml", "--case", case)
    (case / "evidence.toml").write_text(SETTINGS, encoding="utf-8")
    findings = [feature["properties"]["id"] for feature in features_of(case)]
    assert len(findings) >= 200, f"{len(findings)} findings are not many"
    for finding, word in zip(findings, ["--accept", "--reject", "--unsure"] * 2):
        run(binary, "decide", case, finding, word, "--reason", REASON, "--person",
            "mr. drs. A.B.C. van Voorbeeld-Tot-Nadenken", "--role", "toezichthouder handhaving")
    pictures = sorted(frames.iterdir())
    for picture in pictures[::6]:
        picture.unlink()
    with open(pictures[1], "ab") as file:
        file.write(b"changed")
    return case


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("--binary", required=True)
    arguments.add_argument("--keep", type=pathlib.Path)
    arguments.add_argument("cases", nargs="+", type=pathlib.Path)
    told = arguments.parse_args()
    tools = ("qpdf", "pdfinfo", "pdffonts", "pdftotext", "pdfdetach", "pdftoppm")
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}")
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        out = told.keep or scratch / "out"
        out.mkdir(parents=True, exist_ok=True)
        for case in told.cases:
            for language in WORDS:
                check(told.binary, case, language, out)
            package(told.binary, case, scratch)
        hard = hard_case(told.binary, scratch)
        gone = check(told.binary, hard, "nl", out, code=6)
        assert gone > 0, "no picture was missing where originals are gone"
        package(told.binary, hard, scratch)


if __name__ == "__main__":
    main()
