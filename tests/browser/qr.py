"""QR codes as a phone reads them: from what is really on the screen."""

import base64

import zxingcpp
from playwright.async_api import Locator

GREYS = """async (png) => {
    const picture = new Image();
    picture.src = `data:image/png;base64,${png}`;
    await picture.decode();
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const pen = canvas.getContext("2d");
    pen.drawImage(picture, 0, 0);
    const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
    const greys = Array.from({ length: data.length / 4 }, (_, n) => data[4 * n + 1]);
    return { width: canvas.width, height: canvas.height, greys };
}"""
"""The browser itself turns its picture into numbers."""


async def read_code(shown: Locator) -> str:
    """What the one QR code says that is shown there."""
    png = base64.b64encode(await shown.screenshot()).decode()
    picture = await shown.page.evaluate(GREYS, png)
    pixels = memoryview(bytes(picture["greys"])).cast("B", (picture["height"], picture["width"]))
    (code,) = zxingcpp.read_barcodes(pixels)
    assert code.format == zxingcpp.BarcodeFormat.QRCode
    return code.text
