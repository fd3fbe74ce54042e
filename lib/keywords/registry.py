"""The fields of the query language by name: a line each, in the order in which they are explained."""

from __future__ import annotations

from lib.keywords.base import Field
from lib.registry import Registry

FIELDS: Registry[Field] = Registry(
    {
        "tag": "lib.keywords.fields.tag:TagField",
        "tokens": "lib.keywords.fields.size:TokensField",
        "chars": "lib.keywords.fields.size:CharsField",
        "name": "lib.keywords.fields.place:NameField",
        "folder": "lib.keywords.fields.place:FolderField",
        "by": "lib.keywords.fields.by:ByField",
        "left_out": "lib.keywords.fields.marked:LeftOutField",
        "rating": "lib.keywords.fields.marked:RatingField",
        "agreement": "lib.keywords.fields.reviewed:AgreementField",
        "duplicate": "lib.keywords.fields.reviewed:DuplicateField",
        "finding": "lib.keywords.fields.reviewed:FindingField",
        "width": "lib.keywords.fields.reviewed:WidthField",
        "height": "lib.keywords.fields.reviewed:HeightField",
        "aspect": "lib.keywords.fields.reviewed:AspectField",
        "bytes": "lib.keywords.fields.reviewed:BytesField",
        "blur": "lib.keywords.fields.reviewed:BlurField",
    },
    unknown="A query has no field “{name}”.",
)
