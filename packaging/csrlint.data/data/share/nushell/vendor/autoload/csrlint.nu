module completions {

  def "nu-complete csrlint color" [] {
    [ "auto" "always" "never" ]
  }

  # Lint certificate signing requests before a CA sees them
  export extern csrlint [
    --version(-V)             # Print the version
    --verbose                 # With --version: also which registries are compiled in, and of which day
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete csrlint check fail_on" [] {
    [ "error" "warning" "info" "never" ]
  }

  def "nu-complete csrlint check format" [] {
    [ "human" "concise" "json" "ndjson" "sarif" "markdown" "github" "gitlab" "azure" "junit" "checkstyle" "rdjson" "csv" "html" "evidence" "evidence-markdown" ]
  }

  def "nu-complete csrlint check color" [] {
    [ "auto" "always" "never" ]
  }

  # Lint requests in files and directories
  export extern "csrlint check" [
    --stdin-filename: path    # The name standard input goes by
    --staged                  # Lint what would be committed, and tell what touches it: the index, not the files on disk
    --changed                 # Tell what touches files that differ from HEAD, those git does not know included
    --since: string           # Tell what touches files that changed since the history parted from this revision's, such as refs/remotes/origin/main
    --config: path            # Use this policy
    --isolated                # Use no policy
    --extends: path           # Put this policy under the repository's: the organisation's layer; repeatable, the lowest first
    --policy-rev: string      # Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main
    --baseline: path          # Set aside the findings of this baseline instead of the policy's
    --profile: string         # Use this profile instead of the policy's; repeatable
    --select: string          # Run only this rule, or this family as far as the profiles have it; repeatable
    --ignore: string          # Leave out this rule or family; repeatable
    --no-ignores              # Judge as if nothing were waived, ignored or in a baseline
    --as-of: string           # Judge as on this day
    --fail-on: string@"nu-complete csrlint check fail_on" # The lowest severity that ends in exit code 1 [default: warning]
    --deep                    # Also run costly checks: milliseconds for each key
    --blocklist: path         # Also look keys up in this list: badkeys' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable
    --format: string@"nu-complete csrlint check format" # The format of standard output
    --output: string          # Also write a report of this format to a file; repeatable
    --links: string           # Where files are to be seen on the web, for links in Markdown: an address that `/PATH#Lnn` is put behind; known by itself in GitHub Actions and GitLab CI
    --show-suppressed         # Also show findings that are waived, ignored or in the baseline, and why
    --quiet(-q)               # Without explanations and without word of the run
    --verbose(-v)             # Also tell what could not be judged, what was waived, and which policy, profiles and files are used
    --fix                     # Mend templates where that is mechanical and changes neither certificate nor key
    --unsafe-fixes            # With --fix or --diff: also repairs that change the certificate or replace a key
    --diff                    # Print what --fix would change as a patch, and change nothing
    --no-progress             # Without the line that tells, on a terminal and after a second of work, how far the run is. CI gets none anyway
    --statistics              # After the report tell, on standard error: findings by rule, requests by format and key, time by phase
    --threads: string         # Worker threads [default: one a core]
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint check color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    ...paths: path            # Files and directories; `-` is standard input
  ]

  def "nu-complete csrlint diff fail_on" [] {
    [ "error" "warning" "info" "never" ]
  }

  def "nu-complete csrlint diff format" [] {
    [ "human" "json" "markdown" ]
  }

  def "nu-complete csrlint diff color" [] {
    [ "auto" "always" "never" ]
  }

  # Tell what changed in the requests between two revisions, and what that does to findings
  export extern "csrlint diff" [
    --direct                  # Compare with BASE itself
    --staged                  # The newer state is the index: what would be committed
    --path: path              # Where to look [default: the working directory]; repeatable
    --config: path            # Use this policy
    --isolated                # Use no policy
    --extends: path           # Put this policy under the repository's: the organisation's layer; repeatable, the lowest first
    --policy-rev: string      # Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main
    --baseline: path          # Set aside the findings of this baseline instead of the policy's
    --profile: string         # Use this profile instead of the policy's; repeatable
    --select: string          # Run only this rule, or this family as far as the profiles have it; repeatable
    --ignore: string          # Leave out this rule or family; repeatable
    --no-ignores              # Judge as if nothing were waived, ignored or in a baseline
    --as-of: string           # Judge as on this day
    --fail-on: string@"nu-complete csrlint diff fail_on" # The lowest severity that ends in exit code 1 [default: warning]
    --deep                    # Also run costly checks: milliseconds for each key
    --blocklist: path         # Also look keys up in this list: badkeys' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable
    --format: string@"nu-complete csrlint diff format" # The format
    --threads: string         # Worker threads [default: one a core]
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint diff color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    base?: string             # The older state [default: HEAD]. What is compared is where the history parted from it, unless --direct is given
    head?: string             # The newer state [default: the files on disk]
  ]

  def "nu-complete csrlint forecast fail_on" [] {
    [ "error" "warning" "info" "never" ]
  }

  def "nu-complete csrlint forecast format" [] {
    [ "table" "json" "svg" ]
  }

  def "nu-complete csrlint forecast color" [] {
    [ "auto" "always" "never" ]
  }

  # Tell when today's requests stop passing, profile by profile
  export extern "csrlint forecast" [
    --config: path            # Use this policy
    --isolated                # Use no policy
    --extends: path           # Put this policy under the repository's: the organisation's layer; repeatable, the lowest first
    --policy-rev: string      # Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main
    --baseline: path          # Set aside the findings of this baseline instead of the policy's
    --profile: string         # Use this profile instead of the policy's; repeatable
    --select: string          # Run only this rule, or this family as far as the profiles have it; repeatable
    --ignore: string          # Leave out this rule or family; repeatable
    --no-ignores              # Judge as if nothing were waived, ignored or in a baseline
    --as-of: string           # Judge as on this day
    --fail-on: string@"nu-complete csrlint forecast fail_on" # The lowest severity that ends in exit code 1 [default: warning]
    --deep                    # Also run costly checks: milliseconds for each key
    --blocklist: path         # Also look keys up in this list: badkeys' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable
    --format: string@"nu-complete csrlint forecast format" # The format of standard output
    --svg: path               # Also write a timeline to this file
    --requests                # Name every request in the table
    --threads: string         # Worker threads [default: one a core]
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint forecast color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    ...paths: path            # Files and directories
  ]

  def "nu-complete csrlint baseline color" [] {
    [ "auto" "always" "never" ]
  }

  # Keep the findings that are there already apart from new ones
  export extern "csrlint baseline" [
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint baseline color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete csrlint baseline write fail_on" [] {
    [ "error" "warning" "info" "never" ]
  }

  def "nu-complete csrlint baseline write color" [] {
    [ "auto" "always" "never" ]
  }

  # Write all findings of now to a new baseline. What an existing one has does not hide any
  export extern "csrlint baseline write" [
    --config: path            # Use this policy
    --isolated                # Use no policy
    --extends: path           # Put this policy under the repository's: the organisation's layer; repeatable, the lowest first
    --policy-rev: string      # Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main
    --baseline: path          # Set aside the findings of this baseline instead of the policy's
    --profile: string         # Use this profile instead of the policy's; repeatable
    --select: string          # Run only this rule, or this family as far as the profiles have it; repeatable
    --ignore: string          # Leave out this rule or family; repeatable
    --no-ignores              # Judge as if nothing were waived, ignored or in a baseline
    --as-of: string           # Judge as on this day
    --fail-on: string@"nu-complete csrlint baseline write fail_on" # The lowest severity that ends in exit code 1 [default: warning]
    --deep                    # Also run costly checks: milliseconds for each key
    --blocklist: path         # Also look keys up in this list: badkeys' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable
    --force                   # Replace a baseline that is there: findings that are new since then are accepted, too
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint baseline write color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    ...paths: path            # Files and directories
  ]

  def "nu-complete csrlint baseline prune fail_on" [] {
    [ "error" "warning" "info" "never" ]
  }

  def "nu-complete csrlint baseline prune color" [] {
    [ "auto" "always" "never" ]
  }

  # Take out the entries that no finding needs any more. None is added
  export extern "csrlint baseline prune" [
    --config: path            # Use this policy
    --isolated                # Use no policy
    --extends: path           # Put this policy under the repository's: the organisation's layer; repeatable, the lowest first
    --policy-rev: string      # Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main
    --baseline: path          # Set aside the findings of this baseline instead of the policy's
    --profile: string         # Use this profile instead of the policy's; repeatable
    --select: string          # Run only this rule, or this family as far as the profiles have it; repeatable
    --ignore: string          # Leave out this rule or family; repeatable
    --no-ignores              # Judge as if nothing were waived, ignored or in a baseline
    --as-of: string           # Judge as on this day
    --fail-on: string@"nu-complete csrlint baseline prune fail_on" # The lowest severity that ends in exit code 1 [default: warning]
    --deep                    # Also run costly checks: milliseconds for each key
    --blocklist: path         # Also look keys up in this list: badkeys' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint baseline prune color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    ...paths: path            # Files and directories
  ]

  def "nu-complete csrlint baseline show fail_on" [] {
    [ "error" "warning" "info" "never" ]
  }

  def "nu-complete csrlint baseline show format" [] {
    [ "human" "json" ]
  }

  def "nu-complete csrlint baseline show color" [] {
    [ "auto" "always" "never" ]
  }

  # Show the entries, and which of them no finding needs any more
  export extern "csrlint baseline show" [
    --config: path            # Use this policy
    --isolated                # Use no policy
    --extends: path           # Put this policy under the repository's: the organisation's layer; repeatable, the lowest first
    --policy-rev: string      # Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main
    --baseline: path          # Set aside the findings of this baseline instead of the policy's
    --profile: string         # Use this profile instead of the policy's; repeatable
    --select: string          # Run only this rule, or this family as far as the profiles have it; repeatable
    --ignore: string          # Leave out this rule or family; repeatable
    --no-ignores              # Judge as if nothing were waived, ignored or in a baseline
    --as-of: string           # Judge as on this day
    --fail-on: string@"nu-complete csrlint baseline show fail_on" # The lowest severity that ends in exit code 1 [default: warning]
    --deep                    # Also run costly checks: milliseconds for each key
    --blocklist: path         # Also look keys up in this list: badkeys' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable
    --format: string@"nu-complete csrlint baseline show format" # The format
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint baseline show color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    ...paths: path            # Files and directories
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "csrlint baseline help" [
  ]

  # Write all findings of now to a new baseline. What an existing one has does not hide any
  export extern "csrlint baseline help write" [
  ]

  # Take out the entries that no finding needs any more. None is added
  export extern "csrlint baseline help prune" [
  ]

  # Show the entries, and which of them no finding needs any more
  export extern "csrlint baseline help show" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "csrlint baseline help help" [
  ]

  def "nu-complete csrlint waivers fail_on" [] {
    [ "error" "warning" "info" "never" ]
  }

  def "nu-complete csrlint waivers format" [] {
    [ "human" "json" "markdown" ]
  }

  def "nu-complete csrlint waivers color" [] {
    [ "auto" "always" "never" ]
  }

  # List what is waived, ignored and in the baseline: why, by whom, how long still
  export extern "csrlint waivers" [
    --config: path            # Use this policy
    --isolated                # Use no policy
    --extends: path           # Put this policy under the repository's: the organisation's layer; repeatable, the lowest first
    --policy-rev: string      # Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main
    --baseline: path          # Set aside the findings of this baseline instead of the policy's
    --profile: string         # Use this profile instead of the policy's; repeatable
    --select: string          # Run only this rule, or this family as far as the profiles have it; repeatable
    --ignore: string          # Leave out this rule or family; repeatable
    --no-ignores              # Judge as if nothing were waived, ignored or in a baseline
    --as-of: string           # Judge as on this day
    --fail-on: string@"nu-complete csrlint waivers fail_on" # The lowest severity that ends in exit code 1 [default: warning]
    --deep                    # Also run costly checks: milliseconds for each key
    --blocklist: path         # Also look keys up in this list: badkeys' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable
    --format: string@"nu-complete csrlint waivers format" # The format
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint waivers color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    ...paths: path            # Files and directories in which to look for comments
  ]

  def "nu-complete csrlint blocklist color" [] {
    [ "auto" "always" "never" ]
  }

  # Make lists of keys that must not be used
  export extern "csrlint blocklist" [
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint blocklist color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete csrlint blocklist build format" [] {
    [ "spki-sha256" "badkeys" ]
  }

  def "nu-complete csrlint blocklist build color" [] {
    [ "auto" "always" "never" ]
  }

  # Make a list of all keys in a folder
  export extern "csrlint blocklist build" [
    --format: string@"nu-complete csrlint blocklist build format" # The format
    --output(-o): path        # Write to this file instead of standard output
    --reason: string          # Why the keys must not be used; the same for all
    --date: string            # Since when; today without this
    --list-id: string         # The number of the list in badkeys' records
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint blocklist build color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    ...paths: path            # Folders and files with keys, certificates or requests
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "csrlint blocklist help" [
  ]

  # Make a list of all keys in a folder
  export extern "csrlint blocklist help build" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "csrlint blocklist help help" [
  ]

  def "nu-complete csrlint inspect format" [] {
    [ "human" "json" "pem" ]
  }

  def "nu-complete csrlint inspect color" [] {
    [ "auto" "always" "never" ]
  }

  # Decode requests
  export extern "csrlint inspect" [
    --format: string@"nu-complete csrlint inspect format" # The format
    --textconv                # For `git diff`: the decoded requests of one file, without places; a file without requests as it is
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint inspect color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    ...files: path            # Files; `-` is standard input
  ]

  def "nu-complete csrlint explain format" [] {
    [ "human" "markdown" ]
  }

  def "nu-complete csrlint explain fail_on" [] {
    [ "error" "warning" "info" "never" ]
  }

  def "nu-complete csrlint explain color" [] {
    [ "auto" "always" "never" ]
  }

  # Tell everything about a rule
  export extern "csrlint explain" [
    --format: string@"nu-complete csrlint explain format" # The format
    --config: path            # Use this policy
    --isolated                # Use no policy
    --extends: path           # Put this policy under the repository's: the organisation's layer; repeatable, the lowest first
    --policy-rev: string      # Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main
    --baseline: path          # Set aside the findings of this baseline instead of the policy's
    --profile: string         # Use this profile instead of the policy's; repeatable
    --select: string          # Run only this rule, or this family as far as the profiles have it; repeatable
    --ignore: string          # Leave out this rule or family; repeatable
    --no-ignores              # Judge as if nothing were waived, ignored or in a baseline
    --as-of: string           # Judge as on this day
    --fail-on: string@"nu-complete csrlint explain fail_on" # The lowest severity that ends in exit code 1 [default: warning]
    --deep                    # Also run costly checks: milliseconds for each key
    --blocklist: path         # Also look keys up in this list: badkeys' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint explain color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    rule: string              # The rule's id
  ]

  def "nu-complete csrlint rules format" [] {
    [ "human" "json" "markdown" ]
  }

  def "nu-complete csrlint rules fail_on" [] {
    [ "error" "warning" "info" "never" ]
  }

  def "nu-complete csrlint rules color" [] {
    [ "auto" "always" "never" ]
  }

  # List the rules
  export extern "csrlint rules" [
    --format: string@"nu-complete csrlint rules format" # The format
    --config: path            # Use this policy
    --isolated                # Use no policy
    --extends: path           # Put this policy under the repository's: the organisation's layer; repeatable, the lowest first
    --policy-rev: string      # Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main
    --baseline: path          # Set aside the findings of this baseline instead of the policy's
    --profile: string         # Use this profile instead of the policy's; repeatable
    --select: string          # Run only this rule, or this family as far as the profiles have it; repeatable
    --ignore: string          # Leave out this rule or family; repeatable
    --no-ignores              # Judge as if nothing were waived, ignored or in a baseline
    --as-of: string           # Judge as on this day
    --fail-on: string@"nu-complete csrlint rules fail_on" # The lowest severity that ends in exit code 1 [default: warning]
    --deep                    # Also run costly checks: milliseconds for each key
    --blocklist: path         # Also look keys up in this list: badkeys' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint rules color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete csrlint profiles format" [] {
    [ "human" "json" "markdown" ]
  }

  def "nu-complete csrlint profiles color" [] {
    [ "auto" "always" "never" ]
  }

  # List the profiles, or one profile's rules
  export extern "csrlint profiles" [
    --format: string@"nu-complete csrlint profiles format" # The format
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint profiles color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    name?: string             # One profile, with its rules
  ]

  def "nu-complete csrlint init color" [] {
    [ "auto" "always" "never" ]
  }

  # Write a commented csrlint.yaml
  export extern "csrlint init" [
    --stdout                  # Print the policy instead of writing it
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint init color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete csrlint config fail_on" [] {
    [ "error" "warning" "info" "never" ]
  }

  def "nu-complete csrlint config format" [] {
    [ "human" "json" ]
  }

  def "nu-complete csrlint config color" [] {
    [ "auto" "always" "never" ]
  }

  # Show the effective configuration and where each value comes from
  export extern "csrlint config" [
    --config: path            # Use this policy
    --isolated                # Use no policy
    --extends: path           # Put this policy under the repository's: the organisation's layer; repeatable, the lowest first
    --policy-rev: string      # Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main
    --baseline: path          # Set aside the findings of this baseline instead of the policy's
    --profile: string         # Use this profile instead of the policy's; repeatable
    --select: string          # Run only this rule, or this family as far as the profiles have it; repeatable
    --ignore: string          # Leave out this rule or family; repeatable
    --no-ignores              # Judge as if nothing were waived, ignored or in a baseline
    --as-of: string           # Judge as on this day
    --fail-on: string@"nu-complete csrlint config fail_on" # The lowest severity that ends in exit code 1 [default: warning]
    --deep                    # Also run costly checks: milliseconds for each key
    --blocklist: path         # Also look keys up in this list: badkeys' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable
    --format: string@"nu-complete csrlint config format" # The format
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint config color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete csrlint schema color" [] {
    [ "auto" "always" "never" ]
  }

  # Print a JSON Schema
  export extern "csrlint schema" [
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint schema color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    name: string              # config, rule, profile, report, ndjson, evidence, inspect, diff, baseline, or the parameters of a check as `check/NAME`
  ]

  def "nu-complete csrlint test fail_on" [] {
    [ "error" "warning" "info" "never" ]
  }

  def "nu-complete csrlint test color" [] {
    [ "auto" "always" "never" ]
  }

  # Run the examples in rule files
  export extern "csrlint test" [
    --config: path            # Use this policy
    --isolated                # Use no policy
    --extends: path           # Put this policy under the repository's: the organisation's layer; repeatable, the lowest first
    --policy-rev: string      # Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a commit, or a name in full such as refs/remotes/origin/main
    --baseline: path          # Set aside the findings of this baseline instead of the policy's
    --profile: string         # Use this profile instead of the policy's; repeatable
    --select: string          # Run only this rule, or this family as far as the profiles have it; repeatable
    --ignore: string          # Leave out this rule or family; repeatable
    --no-ignores              # Judge as if nothing were waived, ignored or in a baseline
    --as-of: string           # Judge as on this day
    --fail-on: string@"nu-complete csrlint test fail_on" # The lowest severity that ends in exit code 1 [default: warning]
    --deep                    # Also run costly checks: milliseconds for each key
    --blocklist: path         # Also look keys up in this list: badkeys' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a line; repeatable
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint test color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    ...files: path            # Rule files; without any, all shipped rules and those of the policy
  ]

  def "nu-complete csrlint completions shell" [] {
    [ "bash" "zsh" "fish" "powershell" "elvish" "nushell" ]
  }

  def "nu-complete csrlint completions color" [] {
    [ "auto" "always" "never" ]
  }

  # Print what a shell needs in order to complete arguments
  export extern "csrlint completions" [
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint completions color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    shell: string@"nu-complete csrlint completions shell" # The shell
  ]

  def "nu-complete csrlint man color" [] {
    [ "auto" "always" "never" ]
  }

  # Print csrlint(1), or write all pages of the manual
  export extern "csrlint man" [
    -C: path                  # Stand in this directory
    --color: string@"nu-complete csrlint man color" # When to use colours
    --help(-h)                # Print help (see more with '--help')
    into?: path               # Write csrlint.1, csrlint-check.1 and all others into this directory, which is made if need be; without it csrlint(1) is printed
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "csrlint help" [
  ]

  # Lint requests in files and directories
  export extern "csrlint help check" [
  ]

  # Tell what changed in the requests between two revisions, and what that does to findings
  export extern "csrlint help diff" [
  ]

  # Tell when today's requests stop passing, profile by profile
  export extern "csrlint help forecast" [
  ]

  # Keep the findings that are there already apart from new ones
  export extern "csrlint help baseline" [
  ]

  # Write all findings of now to a new baseline. What an existing one has does not hide any
  export extern "csrlint help baseline write" [
  ]

  # Take out the entries that no finding needs any more. None is added
  export extern "csrlint help baseline prune" [
  ]

  # Show the entries, and which of them no finding needs any more
  export extern "csrlint help baseline show" [
  ]

  # List what is waived, ignored and in the baseline: why, by whom, how long still
  export extern "csrlint help waivers" [
  ]

  # Make lists of keys that must not be used
  export extern "csrlint help blocklist" [
  ]

  # Make a list of all keys in a folder
  export extern "csrlint help blocklist build" [
  ]

  # Decode requests
  export extern "csrlint help inspect" [
  ]

  # Tell everything about a rule
  export extern "csrlint help explain" [
  ]

  # List the rules
  export extern "csrlint help rules" [
  ]

  # List the profiles, or one profile's rules
  export extern "csrlint help profiles" [
  ]

  # Write a commented csrlint.yaml
  export extern "csrlint help init" [
  ]

  # Show the effective configuration and where each value comes from
  export extern "csrlint help config" [
  ]

  # Print a JSON Schema
  export extern "csrlint help schema" [
  ]

  # Run the examples in rule files
  export extern "csrlint help test" [
  ]

  # Print what a shell needs in order to complete arguments
  export extern "csrlint help completions" [
  ]

  # Print csrlint(1), or write all pages of the manual
  export extern "csrlint help man" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "csrlint help help" [
  ]

}

export use completions *
