"""What csrlint does on a terminal: the line of progress, what is left of it, and links.

    screen.py CSRLINT DIRECTORY

CSRLINT is the binary, DIRECTORY a repository with a finding. A git that takes its time makes the run a long one.
Needs nothing but Python's standard library.
"""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

CSRLINT, DIRECTORY = (str(Path(argument).absolute()) for argument in sys.argv[1:])
DOING = "reading and judging"


def run(arguments, environment=None, slow=True, stdout_too=True):
    """Runs on a terminal of 80 columns; what was written to it, and what went to a pipe instead."""
    with tempfile.TemporaryDirectory() as bin:
        git = Path(bin, "git")
        git.write_text(f'#!/bin/sh\n{"sleep 2" if slow else ":"}\nPATH="$REAL_PATH" exec git "$@"\n')
        git.chmod(0o755)
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        path = os.environ["PATH"]
        env = {"PATH": f"{bin}:{path}", "REAL_PATH": path, "TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": bin}
        env |= environment or {}
        out = theirs if stdout_too else subprocess.PIPE
        child = subprocess.Popen([CSRLINT, *arguments], cwd=DIRECTORY, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=theirs)
        os.close(theirs)
        written = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:
                break
            if not more:
                break
            written += more
        os.close(ours)
        piped = child.stdout.read() if child.stdout else b""
        child.wait()
        return written.decode(), piped.decode()


def screen(written):
    """The lines that are left to see."""
    lines, line, at = [], [], 0
    text = iter(range(len(written)))
    for index in text:
        character = written[index]
        if character == "\r":
            at = 0
        elif character == "\n":
            lines.append("".join(line))
            line, at = [], 0
        elif character == "\x1b":
            rest = written[index:]
            assert rest.startswith("\x1b[2K"), repr(rest[:20])
            line = []
            for _ in range(3):
                next(text)
        else:
            line[at : at + 1] = [character]
            at += 1
    return lines + ["".join(line)]


def main():
    check = ["check", "--isolated", "--color", "never"]

    written, _ = run(check)
    assert DOING in written, written
    assert written.count(DOING) > 3, "it is drawn again and again"
    left = screen(written)
    assert not any(DOING in line for line in left), left
    still = screen(run([*check, "--no-progress"])[0])
    time = lambda lines: [line.rsplit(" in ", 1)[0] for line in lines]
    assert time(left) == time(still), (left, still)

    written, piped = run(check, stdout_too=False)
    assert DOING in written and DOING not in piped and "\x1b" not in piped, piped
    assert "\x1b[2K" in written.rsplit(DOING, 1)[1], "the line is wiped"

    written, _ = run([*check, "--format", "concise", "--statistics"], slow=False)
    assert written.index("error[") < written.index("findings by rule"), "statistics come after the report"

    for arguments, environment, slow in [
        (check, {}, False),
        ([*check, "--no-progress"], {}, True),
        ([*check, "-q"], {}, True),
        (check, {"CI": "true"}, True),
        (check, {"TERM": "dumb"}, True),
    ]:
        written, _ = run(arguments, environment, slow)
        assert "\x1b" not in written and DOING not in written, (arguments, environment, written)

    link = "\x1b]8;;https://github.com/csrlint/csrlint/blob/v"
    known = {"TERM_PROGRAM": "WezTerm"}
    check = ["check", "--isolated"]
    for arguments, environment, stdout_too, wanted in [
        (check, known, True, True),
        (check, {"VTE_VERSION": "7600"}, True, True),
        (check, {"TMUX": "x", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.4a"}, True, True),
        (check, {"TMUX": "x", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.3a"}, True, False),
        (check, {"TMUX": "x", "VTE_VERSION": "7600"}, True, False),
        (check, {"VTE_VERSION": "4205"}, True, False),
        (check, {}, True, False),
        (check, known | {"CI": "true"}, True, False),
        (check, known | {"NO_COLOR": "1"}, True, False),
        ([*check, "--color", "never"], known, True, False),
        ([*check, "--color", "always"], known, False, False),
        ([*check, "--format", "concise"], known, True, False),
        ([*check, "--output", "human=/dev/stdout", "--format", "concise"], known, True, False),
    ]:
        written, piped = run(arguments, environment, False, stdout_too)
        assert (link in written + piped) == wanted, (arguments, environment, written)
        if wanted:
            start = written.index(link)
            url = written[start + 5 : written.index("\x1b\\", start)]
            page = url.split("/", 7)[-1]
            assert Path(__file__).parents[2].joinpath(page).is_file(), url
            assert written.count("\x1b]8;;\x1b\\") == written.count(link), "every link ends"
    print("ok")


main()
