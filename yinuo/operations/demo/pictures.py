"""What customers of the demo send along: a photo of the damage and a proof of purchase as PDF."""

import io
import random

from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFilter

from yinuo.conversations.commands import upload_attachment
from yinuo.kernel.actor import acting_as
from yinuo.matters.commands import add_note
from yinuo.operations.demo.desk import Case

PHOTOS = 4


def sent_along(case: Case) -> None:
    """The handler keeps what the customer handed in, before judging the case."""
    key, number = f"demo-files-{case.complaint.pk}", case.complaint.pk
    with acting_as(case.desk.actors[case.agent]):
        for name, data in (
            (_("客户照片1.jpg"), photo(number % PHOTOS)),
            (_("客户照片2.jpg"), photo((number + 1) % PHOTOS)),
            (_("购买凭证.pdf"), proof(number)),
        ):
            upload_attachment(file=data, name=name, upload_key=key)
    case.do(
        case.agent, add_note, 0.1, matter_id=case.complaint.pk, upload_key=key,
        text=_("客户提供了照片和购买凭证，已存档。"),
    )  # fmt: skip


def photo(number: int) -> bytes:
    """A parcel on a floor with a dark stain: drawn, the same for the same number."""
    dice = random.Random(number)  # noqa: S311
    wide, high = 1280, 960
    image = Image.new("RGB", (wide, high), ("#8d8579", "#7d8790", "#94877a", "#868a7c")[number])
    draw = ImageDraw.Draw(image)
    for row in range(0, high, 120):
        draw.line((0, row, wide, row + 40), fill="#6f6a62", width=4)
    left, top = 260 + 60 * number, 220
    draw.polygon([(left, top), (left + 180, top - 90), (left + 700, top - 60), (left + 560, top + 40)], fill="#c9a06b")
    draw.polygon([(left, top), (left + 560, top + 40), (left + 540, top + 470), (left + 20, top + 400)], fill="#b58a55")
    draw.polygon(
        [(left + 560, top + 40), (left + 700, top - 60), (left + 690, top + 330), (left + 540, top + 470)],
        fill="#97703f",
    )
    draw.line((left + 280, top + 20, left + 280, top + 435), fill="#d9c9a3", width=46)
    for _n in range(60):
        x, y, r = left + dice.gauss(180, 70), top + dice.gauss(330, 50), dice.uniform(8, 46)
        draw.ellipse((x - r, y - r * 0.7, x + r, y + r * 0.7), fill="#4a3420")
    out = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(1.6)).save(out, "JPEG", quality=80)
    return out.getvalue()


def proof(number: int) -> bytes:
    """One page with the standard letters every reader of PDF files has."""
    said = [
        (22, 790, "PROOF OF PURCHASE"),
        (11, 764, f"No. {number:08d}"),
        (11, 700, "Item                          as named in the complaint"),
        (11, 680, "Quantity                     1"),
        (11, 660, "Paid                             in full"),
        (11, 600, "Signed: ______________    Date: ____________"),
    ]
    text = "".join(f"BT /F1 {size} Tf 60 {y} Td ({words}) Tj ET\n" for size, y, words in said)
    drawing = text + "55 715 480 1 re 55 692 480 1 re 55 645 480 1 re f"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(drawing)}>>stream\n{drawing}\nendstream", "<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
    )  # fmt: skip
    body = "".join(f"{n} 0 obj{one}endobj\n" for n, one in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer<</Root 1 0 R>>\n%%EOF".encode()
