#!/usr/bin/env python3
"""Opens a case with other people's tools and says what they see.

    check_case.py CASE [--picture OUT.png]

GDAL's GeoPackage validator, GDAL itself on every vector file, and QGIS's own library: every layer
valid, the findings coloured by severity from the style that the GeoPackage carries. With --picture,
QGIS draws the case. Exit code 0 when all agree, 1 when something does not.
"""

import argparse
import json
import os
import subprocess
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
SPATIAL = ("findings", "finding_ellipses", "observations", "frames", "track", "site", "zones")


class Checks:
    """Named checks, counted."""

    def __init__(self):
        self.failed = 0
        self.passed = 0

    def check(self, name, good, detail=""):
        print("%s %s%s" % ("ok  " if good else "FAIL", name, ": %s" % detail if detail else ""))
        if good:
            self.passed += 1
        else:
            self.failed += 1


def with_gdal(case, checks):
    package = os.path.join(case, "case.gpkg")
    done = subprocess.run(
        [sys.executable, "-m", "osgeo_utils.samples.validate_gpkg", package],
        capture_output=True, text=True)
    report = (done.stdout + done.stderr).strip()
    checks.check("GDAL's validate_gpkg.py", done.returncode == 0, report[-2000:])
    for name in ("case.gpkg", "findings.geojson", "findings.csv"):
        path = os.path.join(case, name)
        done = subprocess.run(["ogrinfo", "-ro", "-al", "-so", path], capture_output=True, text=True)
        good = done.returncode == 0 and "ERROR" not in done.stderr
        checks.check("ogrinfo %s" % name, good, done.stderr.strip()[:500])


def count(case):
    with open(os.path.join(case, "findings.geojson"), encoding="utf-8") as handle:
        return len(json.load(handle)["features"])


def with_qgis(case, checks, picture):
    from qgis.core import (QgsApplication, QgsCategorizedSymbolRenderer, QgsRuleBasedRenderer,
                           QgsVectorLayer)
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    package = os.path.join(case, "case.gpkg")
    layers = {}
    for name in SPATIAL:
        layer = QgsVectorLayer("%s|layername=%s" % (package, name), name, "ogr")
        layers[name] = layer
        checks.check("QGIS layer %s" % name, layer.isValid(), "%d features" % layer.featureCount())
    findings = layers["findings"]
    findings.loadDefaultStyle()
    renderer = findings.renderer()
    styled = isinstance(renderer, (QgsCategorizedSymbolRenderer, QgsRuleBasedRenderer))
    checks.check("QGIS colours findings by severity", styled and "severity" in renderer.dump(),
                 renderer.type())
    listed = count(case)
    seen = sum(1 for feature in findings.getFeatures() if feature["current"])
    checks.check("QGIS sees every finding of findings.geojson", seen == listed,
                 "%d of %d" % (seen, listed))
    if picture:
        draw(layers, picture)
    layers.clear()


def draw(layers, picture):
    from qgis.core import QgsMapRendererParallelJob, QgsMapSettings, QgsRectangle
    from qgis.PyQt.QtCore import QSize
    from qgis.PyQt.QtGui import QColor
    shown = [layers[n] for n in ("findings", "finding_ellipses", "track", "site", "frames") if layers[n].featureCount()]
    for layer in shown:
        layer.loadDefaultStyle()
    settings = QgsMapSettings()
    settings.setLayers(shown)
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(QSize(1200, 900))
    extent = QgsRectangle(layers["findings"].extent())
    extent.scale(1.2)
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(picture)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("case")
    parser.add_argument("--picture")
    options = parser.parse_args()
    checks = Checks()
    with_gdal(options.case, checks)
    with_qgis(options.case, checks, options.picture)
    print("%d passed, %d failed" % (checks.passed, checks.failed))
    sys.stdout.flush()
    # QGIS's own shutdown order is not ours to rely on.
    os._exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
