#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures the library beside the bare system calls and prints a Markdown table. README.md tells the method."""

import argparse
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass
class Row:
    """One line of the table. `base` is the name of the row that its ratio refers to; None: it is a base itself."""

    name: str
    measure: str
    base: str = None
    goal: float = None
    host: str = "small"  # which driver process runs it
    count: int = 20  # a batch of one or two milliseconds, so that most batches run undisturbed
    heavy: bool = False  # tens of milliseconds each: measured in fewer rounds
    samples: list = field(default_factory=list)  # microseconds by the clock
    ratios: list = field(default_factory=list)  # by the clock
    cpu_ratios: list = field(default_factory=list)  # in processor time


def spawn_rows():
    return [
        Row("spawn + wait: floor", "floor.spawn"),
        Row("spawn + wait: sp_popen, sp_wait", "library.popen_wait", "spawn + wait: floor", 1.10),
        Row("spawn + wait: the same, sp_wait with a timeout", "library.popen_wait_timeout", "spawn + wait: floor"),
        Row("spawn + wait: sp_run", "library.run", "spawn + wait: floor", 1.10),
        Row("spawn + wait: Python Popen, wait", "python.popen_wait", "spawn + wait: floor", host="python"),
        Row("6 bytes, one pipe: floor", "floor.capture"),
        Row("6 bytes, one pipe: sp_check_output", "library.check_output", "6 bytes, one pipe: floor", 1.10),
        Row("6 bytes, one pipe: sp_run", "library.run_one_pipe", "6 bytes, one pipe: floor", 1.10),
        Row("6 bytes, one pipe: sp_run with a timeout", "library.run_one_pipe_timeout", "6 bytes, one pipe: floor"),
        Row("6 bytes, two pipes: sp_run, SP_CAPTURE", "library.run_capture", "6 bytes, one pipe: floor"),
        Row("6 bytes, three pipes: floor", "floor.capture_three", "6 bytes, one pipe: floor"),
        Row("6 bytes, three pipes: sp_popen, sp_communicate", "library.communicate", "6 bytes, one pipe: floor", 1.20),
        Row("6 bytes, one pipe: Python check_output", "python.check_output", "6 bytes, one pipe: floor", host="python"),
        Row("6 bytes, three pipes: Python communicate", "python.communicate", "6 bytes, one pipe: floor",
            host="python"),
    ]


def stream_rows():
    return [
        Row("16-byte line there and back: floor", "floor.ping_pong", count=500),
        Row("16-byte line there and back: floor with poll", "floor.ping_pong_poll",
            "16-byte line there and back: floor", count=500),
        Row("16-byte line there and back: sp_write, sp_read", "library.ping_pong", "16-byte line there and back: floor",
            count=500),
        Row("16-byte line there and back: with timeouts", "library.ping_pong_timeout",
            "16-byte line there and back: floor", count=500),
        Row("16-byte line there and back: sp_write, sp_read_line", "library.ping_pong_line",
            "16-byte line there and back: floor", count=500),
        Row("exit to awake waiter: floor", "floor.exit_seen", count=10),
        Row("exit to awake waiter: sp_wait", "library.exit_seen", "exit to awake waiter: floor", count=10),
        Row("exit to awake waiter: sp_wait with a timeout", "library.exit_seen_timeout", "exit to awake waiter: floor",
            count=10),
    ]


def bulk_rows(flood_mib, both_ways_mib):
    flood = f"{flood_mib} MiB captured: "
    both = f"{both_ways_mib} MiB through cat: "
    return [
        Row(flood + "floor, memory that grows", "floor.flood_growing", count=1, heavy=True),
        Row(flood + "floor, memory that is there already", "floor.flood_prefaulted",
            flood + "floor, memory that grows", count=1, heavy=True),
        Row(flood + "sp_run, one pipe", "library.flood", flood + "floor, memory that grows", count=1, heavy=True),
        Row(flood + "sp_run, SP_CAPTURE", "library.flood_capture", flood + "floor, memory that grows", count=1,
            heavy=True),
        Row(both + "floor", "floor.both_ways", count=1, heavy=True),
        Row(both + "sp_run with input", "library.both_ways", both + "floor", count=1, heavy=True),
    ]


def host_rows(host, title, count=20):
    """The same spawn from a host that is heavy in some way, beside the floor there and beside the small host."""
    floor = f"{title}, spawn + wait: floor"
    capture = f"{title}, 6 bytes, one pipe: floor"
    return [
        Row(floor, "floor.spawn", "spawn + wait: floor", host=host, count=count),
        Row(f"{title}, spawn + wait: sp_popen, sp_wait", "library.popen_wait", floor, 1.10, host=host, count=count),
        Row(f"{title}, spawn + wait: sp_popen, sp_wait, to the small host", "library.popen_wait",
            "spawn + wait: sp_popen, sp_wait", 1.10 if host == "ballast" else None, host=host, count=count),
        Row(capture, "floor.capture", "6 bytes, one pipe: floor", host=host, count=count),
        Row(f"{title}, 6 bytes, one pipe: sp_check_output", "library.check_output", capture, 1.10, host=host,
            count=count),
    ]


class Driver:
    """A process that measures on demand, for as long as this program runs."""

    def __init__(self, command, cpu):
        everywhere = os.sched_getaffinity(0)
        if cpu is not None:
            os.sched_setaffinity(0, {cpu})  # inherited by the driver and its children
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        finally:
            os.sched_setaffinity(0, everywhere)
        self.expect()

    def expect(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"a driver ended with status {self.process.wait()}")
        return line.strip()

    def measure(self, name, count):
        self.process.stdin.write(f"{name} {count}\n")
        self.process.stdin.flush()
        return [int(number) for number in self.expect().split()]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def available_mib():
    with open("/proc/meminfo") as lines:
        for line in lines:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) // 1024
    return 0


def plan(args):
    """The rows, the commands of the drivers that they need, and sentences about what is left out."""
    base = [args.driver, args.children, "--flood-mib", str(args.flood_mib), "--both-ways-mib", str(args.both_ways_mib)]
    commands = {"small": base, "python": [sys.executable, os.path.join(HERE, "python_peer.py"), args.children]}
    rows = spawn_rows() + stream_rows() + bulk_rows(args.flood_mib, args.both_ways_mib)
    notes = []
    if args.ballast_mib * 3 // 2 <= available_mib():
        commands["ballast"] = base + ["--ballast-mib", str(args.ballast_mib)]
        rows += host_rows("ballast", f"host of {args.ballast_mib} MiB")
    else:
        notes.append(f"The host of {args.ballast_mib} MiB is left out: {available_mib()} MiB of memory are available.")
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    for count in args.open_fds:
        if count + 100 > limit:
            notes.append(f"The host with {count} open descriptors is left out: the hard limit is {limit}.")
            continue
        commands[f"fds-{count}"] = base + ["--open-fds", str(count)]
        rows += host_rows(f"fds-{count}", f"host with {count} descriptors", count=5)
    if args.only:
        rows = [row for row in rows if args.only in row.name or args.only in row.measure]
        names = {row.name for row in rows}
        rows = [row for row in rows if row.base is None or row.base in names]
    return rows, {host: commands[host] for host in {row.host for row in rows}}, notes


def collect(rows, commands, cpu, args):
    """Runs every row once a round, in a new order each time, and fills in what was measured."""
    for row in rows:
        row.samples, row.ratios, row.cpu_ratios = [], [], []
    drivers = {host: Driver(command, cpu) for host, command in commands.items()}
    for row in rows:  # caches are warm before the first round
        drivers[row.host].measure(row.measure, 1)
    for number in range(args.rounds):
        measured = {}
        for row in random.sample(rows, len(rows)):
            if row.heavy and number % args.heavy_every != 0:
                continue
            count = max(1, row.count // args.divide)
            measured[row.name] = [ns / count / 1000 for ns in drivers[row.host].measure(row.measure, count)]
        for row in rows:
            if row.name in measured:
                wall, cpu = measured[row.name]
                base_wall, base_cpu = measured[row.base or row.name]
                row.samples.append(wall)
                row.ratios.append(wall / base_wall)
                row.cpu_ratios.append(cpu / base_cpu)
    for driver in drivers.values():
        driver.close()


def quartiles(values):
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def figure(value):
    return f"{value / 1000:,.0f} ms" if value >= 10000 else f"{value:,.0f} µs" if value >= 1000 else f"{value:.1f} µs"


def table(rows, judge_cpu):
    yield "| row | median | p25–p75 | ratio | p25–p75 | CPU ratio | goal |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for row in rows:
        low, high = quartiles(row.samples)
        ratio_low, ratio_high = quartiles(row.ratios)
        ratio, cpu_ratio = statistics.median(row.ratios), statistics.median(row.cpu_ratios)
        met = (cpu_ratio if judge_cpu else ratio) <= (row.goal or 0)
        goal = "" if row.goal is None else f"{row.goal:.2f} {'met' if met else '**missed**'}"
        yield (f"| {row.name} | {figure(statistics.median(row.samples))} | {figure(low)}–{figure(high)} "
               f"| {ratio:.2f} | {ratio_low:.2f}–{ratio_high:.2f} | {cpu_ratio:.2f} | {goal} |")


def machine():
    model = ""
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith(("model name", "CPU part")):
                model = line.split(":", 1)[1].strip()
                break
    load = os.getloadavg()
    return (f"{model}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}, "
            f"Python {platform.python_version()}, load average {load[0]:.1f}, {time.strftime('%Y-%m-%d')}.")


def numbers(text):
    return [int(part) for part in text.split(",") if part]


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("driver", help="the driver program")
    parser.add_argument("children", help="the directory of the bare children")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--divide", type=int, default=1, help="do only a part of each row's repetitions")
    parser.add_argument("--heavy-every", type=int, default=20, help="rounds between two of the rows that move MiB")
    parser.add_argument("--flood-mib", type=int, default=256)
    parser.add_argument("--both-ways-mib", type=int, default=64)
    parser.add_argument("--ballast-mib", type=int, default=4096)
    parser.add_argument("--open-fds", type=numbers, default=[1000, 15000])
    parser.add_argument("--modes", default="one,free", help="one: everything on one CPU; free: on all")
    parser.add_argument("--only", help="only rows whose name or measure contains this; their bases must too")
    parser.add_argument("--list", action="store_true", help="print the names of the rows and end")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and less data")
    args = parser.parse_args()
    if args.quick:
        args.rounds, args.flood_mib, args.both_ways_mib = 40, 64, 16
    return args


def main():
    args = parse()
    rows, commands, notes = plan(args)
    if args.list:
        print("\n".join(row.name for row in rows))
        return
    titles = {"one": "Everything on one CPU", "free": "On all CPUs"}
    print(machine(), f"{args.rounds} rounds.")
    for note in notes:
        print(note)
    for mode in args.modes.split(","):
        collect(rows, commands, min(os.sched_getaffinity(0)) if mode == "one" else None, args)
        print(f"\n## {titles[mode]}\n")
        for line in table(rows, judge_cpu=mode == "one"):
            print(line)
        sys.stdout.flush()


main()
