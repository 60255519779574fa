"""All operators, by name."""

from tests.mutation import forks, prints, signals, steps, values, waits
from tests.mutation.site import Operator

OPERATORS: dict[str, Operator] = {
    "drop-wait": waits.drop,
    "sleep-for-wait": waits.sleep_instead,
    "look-for-wait": waits.look_only,
    "hang-or-not": waits.once_without_waiting,
    "busy-wait": waits.busily,
    "fall-through": forks.fall_through,
    "swap-branches": forks.swap_branches,
    "fork-more": forks.fork_more,
    "fork-less": forks.fork_less,
    "count-otherwise": forks.count_otherwise,
    "die": forks.die,
    "loop-once": forks.loop_once,
    "leave-or-stay": forks.leave_or_stay,
    "drop-print": prints.drop,
    "print-twice": prints.twice,
    "no-line-end": prints.without_end,
    "no-flush": prints.without_flush,
    "print-elsewhere": prints.by_the_other,
    "other-pid": prints.of_the_other,
    "in-capitals": prints.loudly,
    "other-status": values.status,
    "not-learnt": values.not_learnt,
    "other-time": values.time,
    "other-value": values.value,
    "other-disposition": signals.other_disposition,
    "ignore-children": signals.ignore_children,
    "kill-for-end": signals.kill_for_end,
    "swap-steps": steps.swap,
    "sleep-before": steps.sleep_before,
    "drop-step": steps.drop,
    "without-asking": steps.without_asking,
}
