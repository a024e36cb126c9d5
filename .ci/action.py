"""Runs the shell step of action.yml as a GitHub runner does, on repositories that are hostile to it.

    action.py ACTION_PATH SCRATCH EXAMPLES

ACTION_PATH is a copy of this repository, SCRATCH a directory to work in, EXAMPLES is examples/acme.
CARGO_TARGET_DIR is where the dependencies are compiled already.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ACTION, SCRATCH, EXAMPLES = (Path(argument).absolute() for argument in sys.argv[1:])
# Two blanks: a path that was split and joined again is another one.
WORKSPACE = SCRATCH / "work space" / "linted  repository"
RUNNER_TEMP = SCRATCH / "runner temp"


def step():
    """The one step of the action."""
    (only,) = yaml.safe_load((ACTION / "action.yml").read_text())["runs"]["steps"]
    assert only["shell"] == "bash", only["shell"]
    assert "uses" not in only
    assert "${{" not in only["run"], "an expression inside of a script is an injection"
    return only


def environment(inputs):
    """The step's `env`, with expressions filled in."""
    declared = yaml.safe_load((ACTION / "action.yml").read_text())["inputs"]
    assert set(inputs) <= set(declared), inputs
    values = {}
    for name, expression in step()["env"].items():
        match = re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", expression)
        assert match, expression
        values[name] = inputs.get(match[1], declared[match[1]]["default"])
    return values


def run(wanted, **inputs):
    """Runs the step; returns its outputs and what it printed."""
    inputs = {name.replace("_", "-"): value for name, value in inputs.items()}
    print(f"-- {inputs}", flush=True)
    output = RUNNER_TEMP / "output"
    output.write_text("")
    script = RUNNER_TEMP / "step.sh"
    script.write_text(step()["run"])
    env = {name: value for name, value in os.environ.items() if name != "CARGO_TARGET_DIR"}
    env |= {
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(ACTION),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_WORKSPACE": str(WORKSPACE),
        "RUNNER_TEMP": str(RUNNER_TEMP),
        # What a job may have set for the repository's own build.
        "RUSTC": "/bin/false",
        "RUSTC_WRAPPER": "/bin/false",
        "RUSTFLAGS": "--no-such-flag",
        "RUSTUP_TOOLCHAIN": "no-such-toolchain",
        "CARGO_BUILD_TARGET": "no-such-target",
        "CARGO_TARGET_DIR": "/dev/null/no-such-directory",
    }
    env |= environment(inputs)
    shell = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)]
    done = subprocess.run(shell, cwd=WORKSPACE, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    print(done.stdout, flush=True)
    outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
    print(outputs, flush=True)
    assert done.returncode == wanted, f"exit code {done.returncode} instead of {wanted}"
    assert outputs["exit-code"] == str(wanted), outputs
    assert not list(SCRATCH.rglob("pwned*")), "something of the linted repository was executed"
    return outputs, done.stdout


def results(outputs):
    """The results of the SARIF report."""
    path = Path(outputs["sarif-file"])
    assert path.is_absolute() and path.is_file(), path
    sarif = json.loads(path.read_text())
    assert sarif["version"] == "2.1.0"
    return [result for result in sarif["runs"][0]["results"] if not result.get("suppressions")]


def make_repository():
    (WORKSPACE / "csr files").mkdir(parents=True)
    shutil.copy(EXAMPLES / "services/web/web.csr", WORKSPACE / "csr files" / "good one.csr")
    shutil.copy(EXAMPLES / "services/web/web.csr", WORKSPACE / "--version")
    shutil.copy(EXAMPLES / "services/checkout/checkout.csr", WORKSPACE / "csr files" / "weak one.csr")
    (WORKSPACE / "broken policy.yaml").write_text("version: 1\nrulez: {}\n")
    (WORKSPACE / "strict policy.yaml").write_text("version: 1\nrules: { key/not-allowed: { with: { ec: { curves: [P-256] }, other: deny } } }\n")
    subprocess.run(["git", "init", "--quiet"], cwd=WORKSPACE, check=True)
    subprocess.run(["git", "add", "--all"], cwd=WORKSPACE, check=True)
    # Everything by which a repository can take over a build that is started in it.
    wrapper = WORKSPACE / "wrapper"
    wrapper.write_text(f'#!/bin/sh\ntouch "{WORKSPACE}/pwned-by-wrapper"\nexec "$@"\n')
    wrapper.chmod(0o755)
    (WORKSPACE / ".cargo").mkdir()
    (WORKSPACE / ".cargo/config.toml").write_text(
        f'[build]\nrustc = "/bin/false"\nrustc-wrapper = "{wrapper}"\ntarget-dir = "pwned-target"\n'
        '[source.crates-io]\nreplace-with = "hostile"\n[source.hostile]\ndirectory = "/nowhere"\n'
    )
    (WORKSPACE / "Cargo.toml").write_text("this is no manifest\n")
    build = ["cargo", "build", "--release", "--locked", "--manifest-path", str(ACTION / "Cargo.toml")]
    control = subprocess.run(build, cwd=WORKSPACE, capture_output=True, text=True)
    assert control.returncode != 0, "the hostile configuration is not hostile"
    (WORKSPACE / "pwned-by-wrapper").unlink(missing_ok=True)
    shutil.rmtree(WORKSPACE / "pwned-target", ignore_errors=True)
    (WORKSPACE / "rust-toolchain.toml").write_text('[toolchain]\nchannel = "no-such-toolchain"\n')


def main():
    (RUNNER_TEMP / "csrlint-action").mkdir(parents=True)
    # The dependencies are compiled already; what is compiled here is csrlint itself.
    (RUNNER_TEMP / "csrlint-action" / "target").symlink_to(os.environ["CARGO_TARGET_DIR"])
    make_repository()

    outputs, printed = run(1)
    found = results(outputs)
    rules = {result["ruleId"] for result in found}
    assert "key/rsa-too-small" in rules and "attribute/challenge-password" in rules, rules
    assert int(outputs["findings"]) == len(found) > 1, outputs
    uris = {location["physicalLocation"]["artifactLocation"]["uri"] for result in found for location in result["locations"]}
    assert uris == {"csr%20files/weak%20one.csr"}, uris
    assert "\n::error " in printed and "csr files/weak one.csr" in printed
    assert Path(outputs["sarif-file"]).is_relative_to(RUNNER_TEMP), outputs

    outputs, _ = run(0, paths="csr files/good one.csr\n")
    assert results(outputs) == [] and outputs["findings"] == "0", outputs

    outputs, _ = run(1, paths="csr files/good one.csr\r\n\n./csr files/weak one.csr\n--version\n")
    assert len(results(outputs)) == int(outputs["findings"]) == len(found), outputs

    # A link in place of the report is replaced, not followed.
    victim = SCRATCH / "victim"
    victim.write_text("untouched")
    (WORKSPACE / "code scanning.sarif").symlink_to(victim)
    outputs, _ = run(0, fail_on="never", args="--select\nkey/rsa-too-small\n", sarif_file="code scanning.sarif")
    assert outputs["sarif-file"] == str(WORKSPACE / "code scanning.sarif"), outputs
    assert len(results(outputs)) == 1 and outputs["findings"] == "1", outputs
    assert victim.read_text() == "untouched"

    outputs, _ = run(1, paths="csr files/good one.csr", config="strict policy.yaml", profile="pedantic")
    assert "key/not-allowed" in {result["ruleId"] for result in results(outputs)}

    outputs, _ = run(2, config="broken policy.yaml")
    assert outputs["sarif-file"] == "" and outputs["findings"] == "", outputs

    for inputs in [
        {"paths": "$(touch pwned-a) `touch pwned-b`; touch pwned-c & \"'"},
        {"args": "$(touch pwned-d)\n; touch pwned-e"},
        {"config": '"; touch pwned-f; "'},
        {"profile": "$(touch pwned-g)"},
        {"fail_on": "never; touch pwned-h"},
        {"sarif_file": "a\nexit-code=0"},
    ]:
        outputs, _ = run(2, **inputs)
        assert outputs["sarif-file" if "sarif-file" in outputs else "exit-code"] in ("", "2"), outputs


main()
