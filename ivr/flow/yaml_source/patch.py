"""Changes in a YAML file that leave every other character as it is: values are replaced where they stand.

ruamel's own way of writing a file back keeps comments, but not indents, the room before a comment or within brackets.
So only its marks are used here. What comes out is read again, and must differ in what was asked for and in nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from ivr.flow.yaml_source.entry import FlowFault, YamlEntry, read_yaml
from ivr.flow.yaml_source.positions import (
    InvalidFileChange,
    KeyPath,
    end_of_node,
    end_of_pair,
    find_colon,
    find_comments,
    find_node,
    is_empty,
    line_end,
    line_start,
    load_data,
    newline,
    text_after_line,
)

_PLAIN_WORDS = re.compile(r"[^\W\d_]\w*( \w+)*")
_RESERVED_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_TO_COMMA = re.compile(r"\s*,[ \t]*")
_COMMA_BEFORE = re.compile(r",\s*\Z")


def set_value(text: str, path: KeyPath, value_yaml: str, *, after: tuple[str, ...] = ()) -> str:
    """The value at the path is `value_yaml`, which is YAML on one line. A new name comes after the last of `after`, or last.
    Raises InvalidFileChange where a person has to do it: the value is shared by an anchor, or the file cannot be read.
    """
    return _verify_change(
        text,
        _set_in_text(text, path, value_yaml, after),
        lambda data: _set_in_data(data, path, load_data(value_yaml)),
    )


def remove_value(text: str, path: KeyPath, *, keep_comments: bool = True) -> str:
    """Without the name at the path, which is there. Comments in its lines stay as lines of their own, or go with it."""
    return _verify_change(
        text,
        _remove_from_text(text, path, keep_comments=keep_comments),
        lambda data: _remove_from_data(data, path),
    )


def add_item(text: str, path: KeyPath, value_yaml: str) -> str:
    """`value_yaml` at the end of the list at the path; a list of it alone when there is none."""
    return _verify_change(
        text,
        _add_item_to_text(text, path, value_yaml),
        lambda data: _append_to_data(data, path, load_data(value_yaml)),
    )


def remove_item(text: str, path: KeyPath, value: str) -> str:
    """Without an item of a list, which is there, and the comment behind it."""
    return _verify_change(
        text,
        _remove_item_from_text(text, path, value),
        lambda data: _remove_item_from_data(data, path, value),
    )


def quote_if_needed(word: str) -> str:
    """As it stands in a file: in quotes where it could be taken for something else."""
    return (
        word
        if _PLAIN_WORDS.fullmatch(word) and word.lower() not in _RESERVED_WORDS
        else json.dumps(word, ensure_ascii=False)
    )


def to_inline_yaml(value: object) -> str:
    """A number, a word, a list or a group of such, as YAML on one line."""
    if isinstance(value, Mapping):
        return (
            "{"
            + ", ".join(f"{quote_if_needed(str(key))}: {to_inline_yaml(one)}" for key, one in value.items())
            + "}"
        )
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "[" + ", ".join(to_inline_yaml(one) for one in value) + "]"
    return (
        str(value) if isinstance(value, int) and not isinstance(value, bool) else quote_if_needed(str(value))
    )


def refuse_new_faults(old_text: str, new_text: str, file: str, parse: Callable[[YamlEntry], object]) -> str:
    """`new_text`; raises InvalidFileChange with the faults that it has and `old_text` had not."""
    known = {fault.message for fault in _list_faults(old_text, file, parse)}
    new = [fault.message for fault in _list_faults(new_text, file, parse) if fault.message not in known]
    if new:
        raise InvalidFileChange("\n".join(dict.fromkeys(new)))
    return new_text


def _list_faults(text: str, file: str, parse: Callable[[YamlEntry], object]) -> list[FlowFault]:
    faults: list[FlowFault] = []
    parse(read_yaml(text, file, faults))
    return faults


# ---- the text ------------------------------------------------------------------------------------------------------


def _set_in_text(text: str, path: KeyPath, value_yaml: str, after: tuple[str, ...]) -> str:
    name = path[-1]
    parent = find_node(text, path[:-1])
    if parent is None or is_empty(parent):
        return (
            _set_in_text(text, path[:-1], f"{{{quote_if_needed(name)}: {value_yaml}}}", ())
            if path[1:]
            else _append_line(text, f"{quote_if_needed(name)}: {value_yaml}")
        )
    if not isinstance(parent, MappingNode):
        raise InvalidFileChange(
            f'"{".".join(path[:-1])}" should be a group of "name: value"; change it by hand.'
        )
    for key, value in parent.value:
        if key.value == name:
            return _replace_value(text, key, value, value_yaml)
    added = f"{quote_if_needed(name)}: {value_yaml}"
    if parent.flow_style:
        return _add_in_flow_style(text, parent, added)
    ends = [end_of_pair(text, key, value) for key, value in parent.value if key.value in after or not after]
    end = line_end(text, (ends or [end_of_node(text, parent)])[-1])
    return _insert_line(text, end, " " * parent.start_mark.column + added)


def _replace_value(text: str, key: Node, value: Node, value_yaml: str) -> str:
    start, end = find_colon(text, key) + 1, end_of_pair(text, key, value)
    if value.start_mark.index < key.start_mark.index or value.anchor:
        raise InvalidFileChange(f'"{key.value}" is shared with other places by an anchor; change it by hand.')
    if not is_empty(value) and "\n" not in text[start:end]:
        return text[: value.start_mark.index] + value_yaml + text[end:]
    head = line_start(text, key.start_mark.index)
    kept = "".join(
        f"{' ' * key.start_mark.column}{one}{newline(text)}" for one in find_comments(text, value, start, end)
    )
    return text[:head] + kept + text[head:start] + " " + value_yaml + text[end:]


def _remove_from_text(text: str, path: KeyPath, *, keep_comments: bool) -> str:
    parent = find_node(text, path[:-1])
    pairs = parent.value if isinstance(parent, MappingNode) else []
    key, value = next(((key, value) for key, value in pairs if key.value == path[-1]), (None, None))
    if parent is None or key is None or value is None:
        raise InvalidFileChange(f'there is no "{".".join(path)}".')
    start, end = key.start_mark.index, end_of_pair(text, key, value)
    if isinstance(parent, MappingNode) and parent.flow_style:
        return _remove_in_flow_style(text, start, end)
    kept = list(find_comments(text, value, start, line_end(text, end))) if keep_comments else []
    lines = "".join(f"{' ' * key.start_mark.column}{one}{newline(text)}" for one in kept)
    return text[: line_start(text, start)] + lines + text_after_line(text, end)


def _add_item_to_text(text: str, path: KeyPath, value_yaml: str) -> str:
    node = find_node(text, path)
    if node is None or is_empty(node):
        return _set_in_text(text, path, f"[{value_yaml}]", ())
    if isinstance(node, ScalarNode):
        return _set_in_text(
            text, path, f"[{text[node.start_mark.index : end_of_node(text, node)]}, {value_yaml}]", ()
        )
    if not isinstance(node, SequenceNode):
        raise InvalidFileChange(f'"{".".join(path)}" should be a list; change it by hand.')
    if node.flow_style:
        return _add_in_flow_style(text, node, value_yaml)
    end = line_end(text, end_of_node(text, node))
    return _insert_line(text, end, " " * node.start_mark.column + f"- {value_yaml}")


def _remove_item_from_text(text: str, path: KeyPath, value: str) -> str:
    node = find_node(text, path)
    if isinstance(node, ScalarNode) and node.value == value:
        return _set_in_text(text, path, "[]", ())
    items = node.value if isinstance(node, SequenceNode) else []
    item = next((item for item in items if item.value == value), None)
    if node is None or item is None:
        raise InvalidFileChange(f'"{value}" is not in "{".".join(path)}".')
    start, end = item.start_mark.index, end_of_node(text, item)
    if isinstance(node, SequenceNode) and node.flow_style:
        return _remove_in_flow_style(text, start, end)
    return text[: line_start(text, start)] + text_after_line(text, end)


def _add_in_flow_style(text: str, node: CollectionNode, added: str) -> str:
    if not node.value:
        inside = node.start_mark.index + 1
        return text[:inside] + added + text[inside:]
    last = node.value[-1]
    end = end_of_pair(text, *last) if isinstance(node, MappingNode) else end_of_node(text, last)
    return f"{text[:end]}, {added}{text[end:]}"


def _remove_in_flow_style(text: str, start: int, end: int) -> str:
    """With a comma after it, or else before it."""
    if comma := _TO_COMMA.match(text, end):
        end = comma.end()
    elif comma := _COMMA_BEFORE.search(text[:start]):
        start = comma.start()
    return text[:start] + text[end:]


def _insert_line(text: str, end: int, line: str) -> str:
    return text[:end] + newline(text) + line + text[end:]


def _append_line(text: str, line: str) -> str:
    end = newline(text)
    return text + ("" if not text or text.endswith("\n") else end) + line + end


# ---- the same change in data ---------------------------------------------------------------------------------------


def _verify_change(text: str, changed: str, change: Callable[[Any], Any]) -> str:
    if _without_empty(load_data(changed)) != _without_empty(change(load_data(text))):
        raise InvalidFileChange(
            "the file is written in a way that cannot be changed safely; change it by hand."
        )
    return changed


def _find_key(data: Any, name: str) -> Any:
    return next((key for key in data if str(key) == name), name)


def _set_in_data(data: Any, path: KeyPath, value: Any) -> Any:
    if not path:
        return value
    own = dict(data or {})
    key = _find_key(own, path[0])
    return {**own, key: _set_in_data(own.get(key), path[1:], value)}


def _get_from_data(data: Any, path: KeyPath) -> Any:
    for name in path:
        data = (data or {}).get(_find_key(data or {}, name))
    return data


def _remove_from_data(data: Any, path: KeyPath) -> Any:
    parent = dict(_get_from_data(data, path[:-1]))
    del parent[_find_key(parent, path[-1])]
    return _set_in_data(data, path[:-1], parent)


def _append_to_data(data: Any, path: KeyPath, value: Any) -> Any:
    there = _get_from_data(data, path)
    return _set_in_data(
        data, path, [*(there if isinstance(there, list) else [there] if there is not None else []), value]
    )


def _remove_item_from_data(data: Any, path: KeyPath, value: str) -> Any:
    there = _get_from_data(data, path)
    items = there if isinstance(there, list) else [there]
    at = next(n for n, item in enumerate(items) if str(item) == value)
    return _set_in_data(data, path, [*items[:at], *items[at + 1 :]])


def _without_empty(data: Any) -> Any:
    """A list or a group of which nothing is left may be written as one, or as nothing."""
    if isinstance(data, dict):
        return {key: _without_empty(value) for key, value in data.items()} or None
    if isinstance(data, list):
        return [_without_empty(value) for value in data] or None
    return data
