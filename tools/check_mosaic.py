"""Whether GDAL opens a mosaic as what it claims to be."""

import math
import sys

from osgeo import gdal

gdal.UseExceptions()
raster = gdal.Open(sys.argv[1])
band = raster.GetRasterBand(1)
assert raster.GetDriver().ShortName == "GTiff"
assert band.DataType == gdal.GDT_Float32, band.DataType
assert math.isnan(band.GetNoDataValue())
assert band.GetBlockSize() == [256, 256], band.GetBlockSize()
assert raster.GetSpatialRef().GetAuthorityCode(None) == "4326"
layout = raster.GetMetadata("IMAGE_STRUCTURE")
assert layout.get("COMPRESSION") == "DEFLATE", layout
width, height = raster.RasterXSize, raster.RasterYSize
for number in range(band.GetOverviewCount()):
    width, height = (width + 1) // 2, (height + 1) // 2
    overview = band.GetOverview(number)
    assert (overview.XSize, overview.YSize) == (width, height)
assert max(width, height) <= 256, "the last overview is one tile"
low, high, mean, _ = band.ComputeStatistics(False)
assert -60 < low < mean < high < 700, (low, mean, high)
print(f"{raster.RasterXSize} x {raster.RasterYSize}, {band.GetOverviewCount()} overviews, "
      f"{low:.1f} to {high:.1f} °C")
