"""What the OASIS schema of SARIF 2.1.0 says of the objects that verifier writes, read by hand.

The schema itself is no part of this project and of no package the tests install. Where a copy is
at hand (`VERIFIER_SARIF_SCHEMA=path pytest tests/test_sarif.py`) the logs are held against it too.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "object", "additionalProperties": TEXT}
BAG: Schema = {"type": "object"}
LEVEL: Schema = {"enum": ["none", "note", "warning", "error"]}
GUID: Schema = {
    "type": "string",
    "pattern": "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-"
    "[0-9a-fA-F]{12}$",
}


def whole(least: int) -> Schema:
    return {"type": "integer", "minimum": least}


def ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def several(item: Schema, *, unique: bool = False) -> Schema:
    return {"type": "array", "items": item, "uniqueItems": unique}


def record(*required: str, **fields: Schema) -> Schema:
    """Return an object that has the `required` fields and no other than `fields`."""
    known = {"properties": BAG, **fields}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": known,
    }


DEFINITIONS: dict[str, Schema] = {
    "artifactContent": record(text=TEXT, binary=TEXT, rendered=BAG),
    "artifactLocation": record(
        uri={"type": "string", "format": "uri-reference"}, uriBaseId=TEXT, index=whole(-1),
        description=ref("message"),
    ),
    "invocation": record("executionSuccessful", executionSuccessful={"type": "boolean"},
                         exitCode={"type": "integer"}),
    "location": record(
        id=whole(-1), physicalLocation=ref("physicalLocation"),
        logicalLocations=several(ref("logicalLocation"), unique=True), message=ref("message"),
    ),
    "logicalLocation": record(
        name=TEXT, index=whole(-1), fullyQualifiedName=TEXT, decoratedName=TEXT,
        parentIndex=whole(-1), kind=TEXT,
    ),
    "message": record(text=TEXT, markdown=TEXT, id=TEXT, arguments=several(TEXT))
    | {"anyOf": [{"required": ["text"]}, {"required": ["id"]}]},
    "multiformatMessageString": record("text", text=TEXT, markdown=TEXT),
    "physicalLocation": record(
        address=BAG, artifactLocation=ref("artifactLocation"), region=ref("region"),
        contextRegion=ref("region"),
    )
    | {"anyOf": [{"required": ["address"]}, {"required": ["artifactLocation"]}]},
    "region": record(
        startLine=whole(1), startColumn=whole(1), endLine=whole(1), endColumn=whole(1),
        charOffset=whole(-1), charLength=whole(0), byteOffset=whole(-1), byteLength=whole(0),
        snippet=ref("artifactContent"), message=ref("message"), sourceLanguage=TEXT,
    ),
    "reportingConfiguration": record(
        enabled={"type": "boolean"}, level=LEVEL,
        rank={"type": "number", "minimum": -1, "maximum": 100}, parameters=BAG,
    ),
    "reportingDescriptor": record(
        "id", id=TEXT, guid=GUID, name=TEXT, helpUri={"type": "string", "format": "uri"},
        shortDescription=ref("multiformatMessageString"),
        fullDescription=ref("multiformatMessageString"), help=ref("multiformatMessageString"),
        defaultConfiguration=ref("reportingConfiguration"),
    ),
    "result": record(
        "message", ruleId=TEXT, ruleIndex=whole(-1), level=LEVEL, message=ref("message"),
        kind={"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
        locations=several(ref("location")), guid=GUID, occurrenceCount=whole(1),
        partialFingerprints=TEXTS, fingerprints=TEXTS,
        relatedLocations=several(ref("location"), unique=True),
        suppressions=several(ref("suppression"), unique=True),
    ),
    "run": record(
        "tool", tool=ref("tool"), invocations=several(ref("invocation")),
        originalUriBaseIds={"type": "object", "additionalProperties": ref("artifactLocation")},
        columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        results=several(ref("result")),
    ),
    "suppression": record("kind", kind={"enum": ["inSource", "external"]}, justification=TEXT,
                          guid=GUID, location=ref("location")),
    "tool": record("driver", driver=ref("toolComponent")),
    "toolComponent": record(
        "name", name=TEXT, fullName=TEXT, version=TEXT, semanticVersion=TEXT,
        informationUri={"type": "string", "format": "uri"},
        rules=several(ref("reportingDescriptor"), unique=True),
    ),
}  # fmt: skip

SCHEMA: Schema = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    **record(
        "version", "runs",
        **{"$schema": {"type": "string", "format": "uri"}},
        version={"enum": ["2.1.0"]}, runs=several(ref("run")),
    ),
    "definitions": DEFINITIONS,
}  # fmt: skip
