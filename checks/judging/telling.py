"""What the board is told of a check: the verdict, the first mistake, the results, and the picture that goes with it."""

import json
from typing import Any

from checks.judging.picture import picture
from checks.judging.report import is_put_off
from checks.judging.result import Result, verdict
from checks.judging.seat import Evidence
from lab.student import board
from lab.trace import Trace


def tell(slug: str, results: list[Result], evidence: Evidence) -> None:
    """Tell the board, if there is one."""
    if not board.is_there():
        return
    first = next((result for result in results if result["passed"] is False), None) or next(
        (result for result in results if result["passed"] is None and not is_put_off(result, results)), None
    )
    told: dict[str, Any] = {
        "slug": slug,
        "passed": verdict(results),
        "mistake": first["data"].get("mistake") if first else None,
        "text": first["cause"]["rationale"] if first and first["cause"] else "",
        "results": results,
    }
    if trace := trace_of(first, evidence.get("traces", [])):
        told["trace"] = trace
    board.tell("check", **told)


def trace_of(first: Result | None, traces: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the trace that a mistake shows; the last one if it shows none, or there is no mistake."""
    log = first["log"] if first else ""
    drawn = (trace for trace in traces if log and picture(Trace.from_json(json.dumps(trace))) == log)
    return next(drawn, traces[-1] if traces else None)
