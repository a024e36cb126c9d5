"""Runs the scripts of examples/ci as their CI systems do: the same lines, the same environment, a scratch repository.

    examples.py REPOSITORY SCRATCH WHEELS

WHEELS is a directory with the wheel of csrlint: what the examples install from an index comes from there.
The change adds a weak request and a policy that excludes everything. On a merge request the policy of the branch it goes to
finds it; on a branch the checkout judges itself and finds nothing. What the CI systems do around the scripts is not tried here.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT, SCRATCH, WHEELS = (Path(argument).absolute() for argument in sys.argv[1:])
EXAMPLES = ROOT / "examples/ci"


def git(directory, *arguments):
    return subprocess.run(["git", *arguments], cwd=directory, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def make_origin():
    origin, acme = SCRATCH / "origin", ROOT / "examples/acme/services"
    origin.mkdir(parents=True)
    git(origin, "init", "--quiet", "--initial-branch=main")
    shutil.copy(acme / "web/web.csr", origin / "web.csr")
    (origin / "csrlint.yaml").write_text("version: 1\n")
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "base")
    base = git(origin, "rev-parse", "HEAD")
    git(origin, "checkout", "--quiet", "-b", "change")
    shutil.copy(acme / "checkout/checkout.csr", origin / "weak.csr")
    (origin / "csrlint.yaml").write_text('version: 1\nexclude: ["**"]\n')
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "change")
    return origin, base


def gitlab():
    job = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())["csrlint"]
    return "\n".join(job["before_script"] + job["script"]), "sh"


def azure():
    steps = yaml.safe_load((EXAMPLES / "azure-pipelines.yml").read_text())["steps"]
    scripts = [step["script"] for step in steps if "script" in step]
    assert not any("$(System" in script or "$(Build" in script for script in scripts), "an injection"
    return "set -e\n" + "\n".join(scripts), "bash"


def jenkins():
    (script,) = re.findall(r"\bsh '''\n(.+?)'''", (EXAMPLES / "Jenkinsfile").read_text(), re.DOTALL)
    return script, "sh"


def run(name, script, shell, origin, environment, wanted):
    """A fresh checkout with all of its history, and a Python of its own on the PATH."""
    place = SCRATCH / name
    shutil.rmtree(place, ignore_errors=True)
    git(SCRATCH, "clone", "--quiet", "--branch", "change", str(origin), str(place))
    venv = SCRATCH / "venv"
    env = os.environ | {
        "PATH": f"{venv / 'bin'}:{os.environ['PATH']}",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(WHEELS),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "CI": "true",
    }
    done = subprocess.run(
        [shell, "-c", script], cwd=place, env=env | environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    print(f"-- {name}: exit code {done.returncode}\n{done.stdout}", flush=True)
    assert done.returncode == wanted, f"{name}: exit code {done.returncode} instead of {wanted}"
    sarif = json.loads((place / "csrlint.sarif").read_text())
    found = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in sarif["runs"][0]["results"]}
    assert ("weak.csr" in found) == (wanted == 1), found
    return place, done.stdout


def shellcheck(name, script, shell):
    done = subprocess.run(["shellcheck", f"--shell={shell}", "-"], input=script, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0, f"{name}:\n{done.stdout}"


def main():
    origin, base = make_origin()
    subprocess.run(["virtualenv", "--quiet", str(SCRATCH / "venv")], check=True)
    hostile = "main;touch${IFS}pwned"
    for name, (script, shell), change, report in [
        ("gitlab", gitlab(), {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base}, "gl-code-quality-report.json"),
        ("gitlab merged results", gitlab(), {"CI_MERGE_REQUEST_TARGET_BRANCH_SHA": base, "CI_MERGE_REQUEST_DIFF_BASE_SHA": "0" * 40}, "gl-code-quality-report.json"),
        ("azure", azure(), {"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}, "csrlint.xml"),
        ("jenkins", jenkins(), {"CHANGE_TARGET": "main"}, "csrlint.html"),
    ]:
        shellcheck(name, script, shell)
        place, _ = run(name, script, shell, origin, change, 1)
        text = (place / report).read_text()
        assert "weak.csr" in text, text
        if report.endswith(".json"):
            assert {entry["location"]["path"] for entry in json.loads(text)} >= {"weak.csr"}, text
        run(name, script, shell, origin, {}, 0)
        # A branch's name is a value and nothing else; a base that is not there is no reason to take the head's policy.
        for variable in change:
            env = change | {variable: hostile}
            done = subprocess.run([shell, "-c", script], cwd=place, env=os.environ | env | {"PATH": f"{SCRATCH / 'venv/bin'}:{os.environ['PATH']}", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(WHEELS)}, capture_output=True, text=True)
            overridden = variable == "CI_MERGE_REQUEST_DIFF_BASE_SHA" and "CI_MERGE_REQUEST_TARGET_BRANCH_SHA" in change
            assert overridden or done.returncode not in (0, 1), (name, variable, done)
    assert not list(SCRATCH.rglob("pwned")), "a value was executed"

    make = (EXAMPLES / "Makefile").read_text()
    rules = f"make --no-print-directory -f '{EXAMPLES / 'Makefile'}'"
    for arguments, wanted in [(f"csrlint BASE={base}", 2), ("csrlint", 0)]:
        # make says 2 whatever its command says.
        place, printed = "", ""
        shutil.rmtree(SCRATCH / "make", ignore_errors=True)
        git(SCRATCH, "clone", "--quiet", "--branch", "change", str(origin), str(SCRATCH / "make"))
        env = os.environ | {"PATH": f"{SCRATCH / 'venv/bin'}:{os.environ['PATH']}"}
        assert subprocess.run(f"{rules} --dry-run {arguments}", shell=True, cwd=SCRATCH / "make", env=env).returncode == 0
        done = subprocess.run(f"{rules} {arguments}", shell=True, cwd=SCRATCH / "make", env=env, capture_output=True, text=True)
        assert done.returncode == wanted and ("weak.csr" in done.stdout) == (wanted == 2), done
        assert wanted == 0 or "Error 1" in done.stderr, done.stderr
    assert "csrlint-staged" in make
    done = subprocess.run(f"{rules} csrlint-staged", shell=True, cwd=SCRATCH / "make", env=env, capture_output=True, text=True)
    assert done.returncode == 0, done
    print("ok")


if __name__ == "__main__":
    main()
