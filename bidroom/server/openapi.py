"""The HTTP API's description in OpenAPI 3.1, made from the endpoints that serve it and the structs that they use."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import msgspec

from bidroom.server.endpoints import Endpoint, Parameter, Problem
from bidroom.wire.messages import Refused

_PROBLEMS = {
    400: "Something in the request can't be read; the message says what.",
    401: "The token is missing or wrong.",
    403: "This server doesn't go by this host name, or the token is not the auctioneer's.",
    404: "There is no such room, or no such item in it.",
    409: "Nothing was changed: it can't be done as things are. `reason` says why.",
    413: "The request is too long.",
    503: "The room is recovering its journal, or the server is stopping; try again in a moment.",
}

_REFERENCE = "#/components/schemas/{name}"


def describe(endpoints: Iterable[Endpoint]) -> bytes:
    """The document, as JSON."""
    endpoints = list(endpoints)
    types = [kind for endpoint in endpoints for kind in (endpoint.gives, endpoint.body) if kind is not None]
    kinds = list(dict.fromkeys([Problem, Refused, *types]))
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    schema_of = dict(zip(kinds, schemas, strict=True))
    for endpoint in endpoints:
        if endpoint.body is not None:  # which order it is stands in the path
            body = components[endpoint.body.__name__]
            body["required"] = [name for name in body["required"] if name != "type"]
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schema_of)
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Bidroom",
            "version": version("bidroom"),
            "description": "A real-time bidding room. Amounts are integers in minor units, times milliseconds.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    return msgspec.json.encode(document)


def _operation(endpoint: Endpoint, schema_of: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "parameters": [*_in_path(endpoint), *(_in_query(parameter) for parameter in endpoint.parameters)],
        "responses": _responses(endpoint, schema_of),
    }
    if endpoint.body is not None:
        schema = schema_of[endpoint.body]
        needed = any(field.required for field in msgspec.structs.fields(endpoint.body))
        operation["requestBody"] = {"required": needed, "content": {"application/json": {"schema": schema}}}
    if endpoint.token:
        operation["security"] = [{"token": []}]
    return operation


def _in_path(endpoint: Endpoint) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1}
    return [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name in ("room", "item")
        if f"{{{name}}}" in endpoint.path
    ]


def _in_query(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "default": parameter.default}
    if parameter.choices:
        schema["enum"] = parameter.choices
    elif isinstance(parameter.default, int):
        schema.update(type="integer", minimum=parameter.least, maximum=parameter.most)
    return {"name": parameter.name, "in": "query", "description": parameter.what, "schema": schema}


def _responses(endpoint: Endpoint, schema_of: dict[Any, Any]) -> dict[str, Any]:
    content = {
        kind: {"schema": schema_of[endpoint.gives]} if kind == "application/json" else {} for kind in endpoint.content
    }
    responses: dict[str, Any] = {"200": {"description": endpoint.summary, "content": content}}
    for status in sorted({403, 503, *endpoint.problems}):
        schemas = [schema_of[Problem]]
        if endpoint.body is not None and status in (403, 409, 503):
            schemas.append(schema_of[Refused])
        schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        responses[str(status)] = {
            "description": _PROBLEMS[status],
            "content": {"application/json": {"schema": schema}},
        }
    return responses
