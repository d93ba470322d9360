"""Files with @NAMES@ in them. Names in capitals, so that nginx's $names and YAML's @.paths stand as they are."""
import re

from bench.processes import Failed


def fill(text, **values):
    def value(match):
        if match.group(1) not in values:
            raise Failed(f"a template asks for {match.group(0)}")
        return str(values[match.group(1)])
    return re.sub(r"@([A-Z][A-Z_0-9]*)@", value, text)


def fill_file(path, **values):
    with open(path) as file:
        return fill(file.read(), **values)
