# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_csrlint_global_optspecs
    string join \n V/version verbose C= color= h/help
end

function __fish_csrlint_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_csrlint_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_csrlint_using_subcommand
    set -l cmd (__fish_csrlint_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c csrlint -n "__fish_csrlint_needs_command" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_needs_command" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_needs_command" -s V -l version -d 'Print the version'
complete -c csrlint -n "__fish_csrlint_needs_command" -l verbose -d 'With --version: also which registries are compiled in, and of which day'
complete -c csrlint -n "__fish_csrlint_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "check" -d 'Lint requests in files and directories'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "diff" -d 'Tell what changed in the requests between two revisions, and what that does to findings'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "forecast" -d 'Tell when today\'s requests stop passing, profile by profile'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "baseline" -d 'Keep the findings that are there already apart from new ones'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "waivers" -d 'List what is waived, ignored and in the baseline: why, by whom, how long still'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "blocklist" -d 'Make lists of keys that must not be used'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "inspect" -d 'Decode requests'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "explain" -d 'Tell everything about a rule'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "rules" -d 'List the rules'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "profiles" -d 'List the profiles, or one profile\'s rules'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "init" -d 'Write a commented csrlint.yaml'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "config" -d 'Show the effective configuration and where each value comes from'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "schema" -d 'Print a JSON Schema'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "test" -d 'Run the examples in rule files'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "completions" -d 'Print what a shell needs in order to complete arguments'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "man" -d 'Print csrlint(1), or write all pages of the manual'
complete -c csrlint -n "__fish_csrlint_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l stdin-filename -d 'The name standard input goes by' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l since -d 'Tell what touches files that changed since the history parted from this revision\'s, such as refs/remotes/origin/main' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l config -d 'Use this policy' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l extends -d 'Put this policy under the repository\'s: the organisation\'s layer; repeatable, the lowest first' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l policy-rev -d 'Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l baseline -d 'Set aside the findings of this baseline instead of the policy\'s' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l profile -d 'Use this profile instead of the policy\'s; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l select -d 'Run only this rule, or this family as far as the profiles have it; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l ignore -d 'Leave out this rule or family; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l as-of -d 'Judge as on this day' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l fail-on -d 'The lowest severity that ends in exit code 1 [default: warning]' -r -f -a "error\t'Errors only'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'No finding'"
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l blocklist -d 'Also look keys up in this list: badkeys\' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l format -d 'The format of standard output' -r -f -a "human\t'Annotated diagnostics for people'
concise\t'One line a finding'
json\t'One JSON object'
ndjson\t'JSON objects, one a line, each with its type'
sarif\t'SARIF 2.1.0 for code scanning'
markdown\t'Markdown for a job summary or a comment'
github\t'GitHub workflow commands'
gitlab\t'GitLab code quality'
azure\t'Azure Pipelines logging commands'
junit\t'JUnit XML: tests'
checkstyle\t'Checkstyle XML'
rdjson\t'reviewdog\'s diagnostics'
csv\t'A table for spreadsheets'
html\t'One page with charts and every request, decoded'
evidence\t'What an auditor asks for, by control, as JSON'
evidence-markdown\t'The same as Markdown'"
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l output -d 'Also write a report of this format to a file; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l links -d 'Where files are to be seen on the web, for links in Markdown: an address that `/PATH#Lnn` is put behind; known by itself in GitHub Actions and GitLab CI' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l threads -d 'Worker threads [default: one a core]' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l staged -d 'Lint what would be committed, and tell what touches it: the index, not the files on disk'
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l changed -d 'Tell what touches files that differ from HEAD, those git does not know included'
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l isolated -d 'Use no policy'
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l no-ignores -d 'Judge as if nothing were waived, ignored or in a baseline'
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l deep -d 'Also run costly checks: milliseconds for each key'
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l show-suppressed -d 'Also show findings that are waived, ignored or in the baseline, and why'
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -s q -l quiet -d 'Without explanations and without word of the run'
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -s v -l verbose -d 'Also tell what could not be judged, what was waived, and which policy, profiles and files are used'
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l fix -d 'Mend templates where that is mechanical and changes neither certificate nor key'
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l unsafe-fixes -d 'With --fix or --diff: also repairs that change the certificate or replace a key'
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l diff -d 'Print what --fix would change as a patch, and change nothing'
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l no-progress -d 'Without the line that tells, on a terminal and after a second of work, how far the run is. CI gets none anyway'
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -l statistics -d 'After the report tell, on standard error: findings by rule, requests by format and key, time by phase'
complete -c csrlint -n "__fish_csrlint_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l path -d 'Where to look [default: the working directory]; repeatable' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l config -d 'Use this policy' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l extends -d 'Put this policy under the repository\'s: the organisation\'s layer; repeatable, the lowest first' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l policy-rev -d 'Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l baseline -d 'Set aside the findings of this baseline instead of the policy\'s' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l profile -d 'Use this profile instead of the policy\'s; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l select -d 'Run only this rule, or this family as far as the profiles have it; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l ignore -d 'Leave out this rule or family; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l as-of -d 'Judge as on this day' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l fail-on -d 'The lowest severity that ends in exit code 1 [default: warning]' -r -f -a "error\t'Errors only'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'No finding'"
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l blocklist -d 'Also look keys up in this list: badkeys\' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l format -d 'The format' -r -f -a "human\t'For people'
json\t'For programs'
markdown\t'For documents and comments'"
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l threads -d 'Worker threads [default: one a core]' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l direct -d 'Compare with BASE itself'
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l staged -d 'The newer state is the index: what would be committed'
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l isolated -d 'Use no policy'
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l no-ignores -d 'Judge as if nothing were waived, ignored or in a baseline'
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -l deep -d 'Also run costly checks: milliseconds for each key'
complete -c csrlint -n "__fish_csrlint_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l config -d 'Use this policy' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l extends -d 'Put this policy under the repository\'s: the organisation\'s layer; repeatable, the lowest first' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l policy-rev -d 'Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l baseline -d 'Set aside the findings of this baseline instead of the policy\'s' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l profile -d 'Use this profile instead of the policy\'s; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l select -d 'Run only this rule, or this family as far as the profiles have it; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l ignore -d 'Leave out this rule or family; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l as-of -d 'Judge as on this day' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l fail-on -d 'The lowest severity that ends in exit code 1 [default: warning]' -r -f -a "error\t'Errors only'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'No finding'"
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l blocklist -d 'Also look keys up in this list: badkeys\' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l format -d 'The format of standard output' -r -f -a "table\t'A table for people'
json\t'JSON'
svg\t'A timeline as SVG, which needs nothing but itself'"
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l svg -d 'Also write a timeline to this file' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l threads -d 'Worker threads [default: one a core]' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l isolated -d 'Use no policy'
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l no-ignores -d 'Judge as if nothing were waived, ignored or in a baseline'
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l deep -d 'Also run costly checks: milliseconds for each key'
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -l requests -d 'Name every request in the table'
complete -c csrlint -n "__fish_csrlint_using_subcommand forecast" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and not __fish_seen_subcommand_from write prune show help" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and not __fish_seen_subcommand_from write prune show help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and not __fish_seen_subcommand_from write prune show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and not __fish_seen_subcommand_from write prune show help" -f -a "write" -d 'Write all findings of now to a new baseline. What an existing one has does not hide any'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and not __fish_seen_subcommand_from write prune show help" -f -a "prune" -d 'Take out the entries that no finding needs any more. None is added'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and not __fish_seen_subcommand_from write prune show help" -f -a "show" -d 'Show the entries, and which of them no finding needs any more'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and not __fish_seen_subcommand_from write prune show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l config -d 'Use this policy' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l extends -d 'Put this policy under the repository\'s: the organisation\'s layer; repeatable, the lowest first' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l policy-rev -d 'Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l baseline -d 'Set aside the findings of this baseline instead of the policy\'s' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l profile -d 'Use this profile instead of the policy\'s; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l select -d 'Run only this rule, or this family as far as the profiles have it; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l ignore -d 'Leave out this rule or family; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l as-of -d 'Judge as on this day' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l fail-on -d 'The lowest severity that ends in exit code 1 [default: warning]' -r -f -a "error\t'Errors only'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'No finding'"
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l blocklist -d 'Also look keys up in this list: badkeys\' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l isolated -d 'Use no policy'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l no-ignores -d 'Judge as if nothing were waived, ignored or in a baseline'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l deep -d 'Also run costly checks: milliseconds for each key'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -l force -d 'Replace a baseline that is there: findings that are new since then are accepted, too'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from write" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -l config -d 'Use this policy' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -l extends -d 'Put this policy under the repository\'s: the organisation\'s layer; repeatable, the lowest first' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -l policy-rev -d 'Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -l baseline -d 'Set aside the findings of this baseline instead of the policy\'s' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -l profile -d 'Use this profile instead of the policy\'s; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -l select -d 'Run only this rule, or this family as far as the profiles have it; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -l ignore -d 'Leave out this rule or family; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -l as-of -d 'Judge as on this day' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -l fail-on -d 'The lowest severity that ends in exit code 1 [default: warning]' -r -f -a "error\t'Errors only'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'No finding'"
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -l blocklist -d 'Also look keys up in this list: badkeys\' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -l isolated -d 'Use no policy'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -l no-ignores -d 'Judge as if nothing were waived, ignored or in a baseline'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -l deep -d 'Also run costly checks: milliseconds for each key'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l config -d 'Use this policy' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l extends -d 'Put this policy under the repository\'s: the organisation\'s layer; repeatable, the lowest first' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l policy-rev -d 'Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l baseline -d 'Set aside the findings of this baseline instead of the policy\'s' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l profile -d 'Use this profile instead of the policy\'s; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l select -d 'Run only this rule, or this family as far as the profiles have it; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l ignore -d 'Leave out this rule or family; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l as-of -d 'Judge as on this day' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l fail-on -d 'The lowest severity that ends in exit code 1 [default: warning]' -r -f -a "error\t'Errors only'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'No finding'"
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l blocklist -d 'Also look keys up in this list: badkeys\' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l format -d 'The format' -r -f -a "human\t'One line an entry'
json\t'An array'"
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l isolated -d 'Use no policy'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l no-ignores -d 'Judge as if nothing were waived, ignored or in a baseline'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -l deep -d 'Also run costly checks: milliseconds for each key'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from help" -f -a "write" -d 'Write all findings of now to a new baseline. What an existing one has does not hide any'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from help" -f -a "prune" -d 'Take out the entries that no finding needs any more. None is added'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the entries, and which of them no finding needs any more'
complete -c csrlint -n "__fish_csrlint_using_subcommand baseline; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l config -d 'Use this policy' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l extends -d 'Put this policy under the repository\'s: the organisation\'s layer; repeatable, the lowest first' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l policy-rev -d 'Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l baseline -d 'Set aside the findings of this baseline instead of the policy\'s' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l profile -d 'Use this profile instead of the policy\'s; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l select -d 'Run only this rule, or this family as far as the profiles have it; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l ignore -d 'Leave out this rule or family; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l as-of -d 'Judge as on this day' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l fail-on -d 'The lowest severity that ends in exit code 1 [default: warning]' -r -f -a "error\t'Errors only'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'No finding'"
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l blocklist -d 'Also look keys up in this list: badkeys\' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l format -d 'The format' -r -f -a "human\t'For people'
json\t'For programs'
markdown\t'For documents and comments'"
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l isolated -d 'Use no policy'
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l no-ignores -d 'Judge as if nothing were waived, ignored or in a baseline'
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -l deep -d 'Also run costly checks: milliseconds for each key'
complete -c csrlint -n "__fish_csrlint_using_subcommand waivers" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and not __fish_seen_subcommand_from build help" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and not __fish_seen_subcommand_from build help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and not __fish_seen_subcommand_from build help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and not __fish_seen_subcommand_from build help" -f -a "build" -d 'Make a list of all keys in a folder'
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and not __fish_seen_subcommand_from build help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and __fish_seen_subcommand_from build" -l format -d 'The format' -r -f -a "spki-sha256\t'One key a line: the SHA-256 of its SubjectPublicKeyInfo, the day, the reason'
badkeys\t'badkeys\' binary records, which also match other encodings of the same key'"
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and __fish_seen_subcommand_from build" -s o -l output -d 'Write to this file instead of standard output' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and __fish_seen_subcommand_from build" -l reason -d 'Why the keys must not be used; the same for all' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and __fish_seen_subcommand_from build" -l date -d 'Since when; today without this' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and __fish_seen_subcommand_from build" -l list-id -d 'The number of the list in badkeys\' records' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and __fish_seen_subcommand_from build" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and __fish_seen_subcommand_from build" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and __fish_seen_subcommand_from build" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and __fish_seen_subcommand_from help" -f -a "build" -d 'Make a list of all keys in a folder'
complete -c csrlint -n "__fish_csrlint_using_subcommand blocklist; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c csrlint -n "__fish_csrlint_using_subcommand inspect" -l format -d 'The format' -r -f -a "human\t'A listing for people'
json\t'An array with one object a request'
pem\t'PEM as RFC 7468 has it'"
complete -c csrlint -n "__fish_csrlint_using_subcommand inspect" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand inspect" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand inspect" -l textconv -d 'For `git diff`: the decoded requests of one file, without places; a file without requests as it is'
complete -c csrlint -n "__fish_csrlint_using_subcommand inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l format -d 'The format' -r -f -a "human\t'For a terminal'
markdown\t'The page of the documentation'"
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l config -d 'Use this policy' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l extends -d 'Put this policy under the repository\'s: the organisation\'s layer; repeatable, the lowest first' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l policy-rev -d 'Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l baseline -d 'Set aside the findings of this baseline instead of the policy\'s' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l profile -d 'Use this profile instead of the policy\'s; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l select -d 'Run only this rule, or this family as far as the profiles have it; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l ignore -d 'Leave out this rule or family; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l as-of -d 'Judge as on this day' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l fail-on -d 'The lowest severity that ends in exit code 1 [default: warning]' -r -f -a "error\t'Errors only'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'No finding'"
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l blocklist -d 'Also look keys up in this list: badkeys\' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l isolated -d 'Use no policy'
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l no-ignores -d 'Judge as if nothing were waived, ignored or in a baseline'
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -l deep -d 'Also run costly checks: milliseconds for each key'
complete -c csrlint -n "__fish_csrlint_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l format -d 'The format' -r -f -a "human\t'For people'
json\t'For programs'
markdown\t'For documents and comments'"
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l config -d 'Use this policy' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l extends -d 'Put this policy under the repository\'s: the organisation\'s layer; repeatable, the lowest first' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l policy-rev -d 'Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l baseline -d 'Set aside the findings of this baseline instead of the policy\'s' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l profile -d 'Use this profile instead of the policy\'s; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l select -d 'Run only this rule, or this family as far as the profiles have it; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l ignore -d 'Leave out this rule or family; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l as-of -d 'Judge as on this day' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l fail-on -d 'The lowest severity that ends in exit code 1 [default: warning]' -r -f -a "error\t'Errors only'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'No finding'"
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l blocklist -d 'Also look keys up in this list: badkeys\' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l isolated -d 'Use no policy'
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l no-ignores -d 'Judge as if nothing were waived, ignored or in a baseline'
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -l deep -d 'Also run costly checks: milliseconds for each key'
complete -c csrlint -n "__fish_csrlint_using_subcommand rules" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand profiles" -l format -d 'The format' -r -f -a "human\t'For people'
json\t'For programs'
markdown\t'For documents and comments'"
complete -c csrlint -n "__fish_csrlint_using_subcommand profiles" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand profiles" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand profiles" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand init" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand init" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand init" -l stdout -d 'Print the policy instead of writing it'
complete -c csrlint -n "__fish_csrlint_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l config -d 'Use this policy' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l extends -d 'Put this policy under the repository\'s: the organisation\'s layer; repeatable, the lowest first' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l policy-rev -d 'Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l baseline -d 'Set aside the findings of this baseline instead of the policy\'s' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l profile -d 'Use this profile instead of the policy\'s; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l select -d 'Run only this rule, or this family as far as the profiles have it; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l ignore -d 'Leave out this rule or family; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l as-of -d 'Judge as on this day' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l fail-on -d 'The lowest severity that ends in exit code 1 [default: warning]' -r -f -a "error\t'Errors only'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'No finding'"
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l blocklist -d 'Also look keys up in this list: badkeys\' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l format -d 'The format' -r -f -a "human\t'One line a value'
json\t'An array'"
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l isolated -d 'Use no policy'
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l no-ignores -d 'Judge as if nothing were waived, ignored or in a baseline'
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -l deep -d 'Also run costly checks: milliseconds for each key'
complete -c csrlint -n "__fish_csrlint_using_subcommand config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand schema" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand schema" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -l config -d 'Use this policy' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -l extends -d 'Put this policy under the repository\'s: the organisation\'s layer; repeatable, the lowest first' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -l policy-rev -d 'Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -l baseline -d 'Set aside the findings of this baseline instead of the policy\'s' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -l profile -d 'Use this profile instead of the policy\'s; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -l select -d 'Run only this rule, or this family as far as the profiles have it; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -l ignore -d 'Leave out this rule or family; repeatable' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -l as-of -d 'Judge as on this day' -r
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -l fail-on -d 'The lowest severity that ends in exit code 1 [default: warning]' -r -f -a "error\t'Errors only'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'No finding'"
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -l blocklist -d 'Also look keys up in this list: badkeys\' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -l isolated -d 'Use no policy'
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -l no-ignores -d 'Judge as if nothing were waived, ignored or in a baseline'
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -l deep -d 'Also run costly checks: milliseconds for each key'
complete -c csrlint -n "__fish_csrlint_using_subcommand test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand completions" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand completions" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand man" -s C -d 'Stand in this directory' -r -F
complete -c csrlint -n "__fish_csrlint_using_subcommand man" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR says otherwise'
always\t'Always'
never\t'Never'"
complete -c csrlint -n "__fish_csrlint_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "check" -d 'Lint requests in files and directories'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "diff" -d 'Tell what changed in the requests between two revisions, and what that does to findings'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "forecast" -d 'Tell when today\'s requests stop passing, profile by profile'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "baseline" -d 'Keep the findings that are there already apart from new ones'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "waivers" -d 'List what is waived, ignored and in the baseline: why, by whom, how long still'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "blocklist" -d 'Make lists of keys that must not be used'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "inspect" -d 'Decode requests'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "explain" -d 'Tell everything about a rule'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "rules" -d 'List the rules'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "profiles" -d 'List the profiles, or one profile\'s rules'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "init" -d 'Write a commented csrlint.yaml'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "config" -d 'Show the effective configuration and where each value comes from'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "schema" -d 'Print a JSON Schema'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "test" -d 'Run the examples in rule files'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "completions" -d 'Print what a shell needs in order to complete arguments'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "man" -d 'Print csrlint(1), or write all pages of the manual'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and not __fish_seen_subcommand_from check diff forecast baseline waivers blocklist inspect explain rules profiles init config schema test completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and __fish_seen_subcommand_from baseline" -f -a "write" -d 'Write all findings of now to a new baseline. What an existing one has does not hide any'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and __fish_seen_subcommand_from baseline" -f -a "prune" -d 'Take out the entries that no finding needs any more. None is added'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and __fish_seen_subcommand_from baseline" -f -a "show" -d 'Show the entries, and which of them no finding needs any more'
complete -c csrlint -n "__fish_csrlint_using_subcommand help; and __fish_seen_subcommand_from blocklist" -f -a "build" -d 'Make a list of all keys in a folder'
