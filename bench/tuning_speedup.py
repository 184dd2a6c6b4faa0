#!/usr/bin/env python3
"""How much sooner tuning ends on several machines, by simulation with the times of a real run on one.

Reads what `halcyon records export` wrote. A round is what one machine did for one task without a break: compiling its
candidates and measuring them. Rounds of different tasks go to whichever machine is free, in the order in which the run had
them; those of one task follow each other. What only one machine does, before the first round and after the last, takes as long
as it took.
"""

import argparse
import collections
import heapq
import json
import pathlib

from report import table

COUNTS = (1, 2, 4, 8, 16)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("export", type=pathlib.Path, help="of `halcyon records export`, all runs in it after each other")
    parser.add_argument("--seconds", type=float, required=True, help="that the commands took, all in all")
    return parser.parse_args()


def rounds_of(records):
    """(task, seconds) of each round, in order. A run's name ends in the second in which its search began."""
    rounds = []
    run, last = None, 0
    for record in records:
        begins = record["run"] != run
        if begins:
            run = record["run"]
            last = int(run.rsplit("-", 1)[1])
        if begins or rounds[-1][0] != record["task"]:
            rounds.append([record["task"], 0])
        rounds[-1][1] += max(record["when"] - last, 0)
        last = max(last, record["when"])
    return rounds


def seconds_on(machines, rounds):
    """Until the last round has ended."""
    waiting = collections.deque(rounds)
    busy_until = [0.0] * machines
    task_free = collections.defaultdict(float)
    ends = 0.0
    heapq.heapify(busy_until)
    while waiting:
        now = heapq.heappop(busy_until)
        ready = next((one for one in waiting if task_free[one[0]] <= now), None)
        if ready is None:
            # Everything left follows a round that is still running.
            heapq.heappush(busy_until, min(task_free[task] for task, _ in waiting))
            continue
        waiting.remove(ready)
        task, seconds = ready
        task_free[task] = now + seconds
        ends = max(ends, now + seconds)
        heapq.heappush(busy_until, now + seconds)
    return ends


def main():
    options = parse()
    records = [json.loads(line) for line in options.export.read_text().splitlines()]
    rounds = rounds_of(records)
    searching = sum(seconds for _, seconds in rounds)
    alone = options.seconds - searching
    rows = []
    for machines in COUNTS:
        search = seconds_on(machines, rounds)
        whole = search + alone
        rows.append([str(machines), f"{search:.0f} s", f"{searching / search:.2f}", f"{whole:.0f} s",
                     f"{options.seconds / whole:.2f}"])
    longest = collections.Counter()
    for task, seconds in rounds:
        longest[task] += seconds
    print(f"{len(records)} candidates of {len(longest)} tasks in {len(rounds)} rounds; the longest task takes "
          f"{max(longest.values())} s, what one machine does alone {alone:.0f} s.\n")
    print(table(["machines", "search", "speed-up", "whole command", "speed-up"], rows))


if __name__ == "__main__":
    main()
