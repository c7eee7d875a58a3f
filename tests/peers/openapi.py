"""Judges the API by what it says of itself, with validators that are not ours.

Usage: openapi.py FOLDER
  FOLDER/document.json   the OpenAPI document, as the server gave it
  FOLDER/exchanges.json  a list of what was asked and answered

The document is judged by openapi-spec-validator. Each answer must be one that the document
promises for that operation: its status, its content type, its headers and its form; each request
that was done must be one that the document allows. Every operation of the document must have been
seen to succeed and to fail. A line of standard output for each fault; exit 1 where there is any.
"""

import json
import sys
from pathlib import Path

from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

HOME = "urn:document"


def pointer(*parts):
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
    return f"{HOME}#/" + "/".join(escaped)


class Judge:
    def __init__(self, document):
        self.document = document
        resource = Resource(contents=document, specification=DRAFT202012)
        self.registry = Registry().with_resource(HOME, resource)
        self.seen = {}

    def form(self, place, value):
        """What is wrong with a value, by the schema at a place of the document."""
        validator = OAS31Validator(
            {"$ref": pointer(*place)},
            registry=self.registry,
            format_checker=oas31_format_checker,
        )
        for error in validator.iter_errors(value):
            yield f"{error.json_path}: {error.message[:300]}"

    def exchange(self, it):
        path, method = it["path"], it["method"].lower()
        operation = self.document["paths"].get(path, {}).get(method)
        if operation is None:
            yield "no such operation"
            return
        status = it["status"]
        done = status < 400
        self.seen.setdefault((method, path), set()).add(done)
        place = ("paths", path, method)
        responses = operation["responses"]
        said = str(status) if str(status) in responses else "default"
        if done and said == "default":
            yield f"{status} is not promised"
            return
        yield from self.answer(it, (*place, "responses", said), responses[said])
        if done:
            yield from self.request(it, place, operation)

    def answer(self, it, place, response):
        for name, header in response.get("headers", {}).items():
            if header.get("required") and name.lower() not in it["headers"]:
                yield f"the answer has no {name}"
        contents = response.get("content", {})
        if not contents:
            if it["body"] is not None:
                yield "the answer should have no body"
            return
        if it["kind"] not in contents:
            yield f"{it['kind'] or 'no content type'} is not promised"
            return
        yield from self.form((*place, "content", it["kind"], "schema"), it["body"])

    def request(self, it, place, operation):
        for number, parameter in enumerate(operation.get("parameters", [])):
            name = parameter["name"]
            if parameter["in"] == "header":
                value = it["sent_headers"].get(name.lower())
            elif parameter["in"] == "query":
                value = it["query"].get(name)
            else:
                continue
            if value is None:
                if parameter["required"]:
                    yield f"{name} is required and was not needed"
                continue
            if parameter["schema"].get("type") == "integer":
                value = int(value)
            yield from self.form((*place, "parameters", number, "schema"), value)
        known = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
        for name in it["query"].keys() - known:
            yield f"{name} is no parameter of it"
        if "requestBody" in operation:
            contents = operation["requestBody"]["content"]
            if it["sent_kind"] not in contents:
                yield f"{it['sent_kind']} was taken and is not promised"
            elif it["sent_kind"] == "application/json":
                inside = (*place, "requestBody", "content", "application/json", "schema")
                yield from self.form(inside, it["sent"])

    def unseen(self):
        for path, methods in self.document.get("paths", {}).items():
            for method in methods:
                seen = self.seen.get((method, path), set())
                for done, word in ((True, "succeed"), (False, "fail")):
                    if done not in seen:
                        yield f"{method.upper()} {path}: was not seen to {word}"


def main(folder):
    document = json.loads((folder / "document.json").read_text(encoding="utf-8"))
    faults = [
        f"document: {error.json_path}: {error.message[:300]}"
        for error in OpenAPIV31SpecValidator(document).iter_errors()
    ]
    judge = Judge(document)
    exchanges = json.loads((folder / "exchanges.json").read_text(encoding="utf-8"))
    for it in exchanges:
        head = f"{it['method']} {it['path']} {it['status']}"
        faults += [f"{head}: {said}" for said in judge.exchange(it)]
    faults += judge.unseen()
    for fault in faults:
        print(fault)
    return 1 if faults else 0


sys.exit(main(Path(sys.argv[1])))
