"""The chart: XML that names its lines, on logarithmic axes."""

from xml.etree import ElementTree

import pytest

from benchmarks.plot import line_chart

SVG = "{http://www.w3.org/2000/svg}"


def test_the_chart_is_xml_that_names_every_line() -> None:
    lines = {"a < b": [(1.0, 1.0), (10.0, 5.0)], "c": [(1.0, 2.0), (10.0, 30.0)]}
    chart = line_chart(lines, title="T & T", x_label="x", y_label="y")
    root = ElementTree.fromstring(chart)
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert {"a < b", "c", "T & T", "x", "y"} <= set(texts)
    assert len(list(root.iter(f"{SVG}polyline"))) == 2


def test_ten_times_as_much_is_as_far_everywhere() -> None:
    decades = {"any": [(1.0, 1.0), (10.0, 10.0), (100.0, 100.0)]}
    chart = line_chart(decades, title="", x_label="", y_label="")
    [line] = ElementTree.fromstring(chart).iter(f"{SVG}polyline")
    x, y = zip(
        *(map(float, point.split(",")) for point in line.attrib["points"].split()), strict=True
    )
    assert x[0] < x[1] < x[2]
    assert y[0] > y[1] > y[2]  # pixels are counted downwards
    assert x[1] - x[0] == pytest.approx(x[2] - x[1], abs=0.2)
    assert y[1] - y[0] == pytest.approx(y[2] - y[1], abs=0.2)
