"""Renders charts with Helm v4, as `helm-python-sdk` has it: one line of JSON for each line of stdin.

A line is a chart's folder, or a folder, a tab and a file of values. An answer is `{"chart": LINE, "files": {TEMPLATE: OUTPUT}}`,
or has `error` in the place of `files`.
"""

import json
import sys

import helm_python


def render(line):
    folder, _, values = line.partition("\t")
    try:
        given = None
        if values:
            with open(values, encoding="utf-8") as file:
                given = helm_python.values_from_yaml(file.read())
        with helm_python.Chart.load(folder) as chart:
            return {"chart": line, "files": chart.render(given)}
    except Exception as error:  # Whatever Helm refuses is an answer.
        return {"chart": line, "error": f"{type(error).__name__}: {error}"}


for line in sys.stdin:
    print(json.dumps(render(line.rstrip("\n"))), flush=True)
