# fish completion of copilot-usage: @generated@.
# It starts no process.

# Keeps the number of the argument at the cursor, then the command it belongs to; each condition asks for it anew.
function __copilot_usage_typed
    set -l line (commandline -cp | string collect)
    test "$line" = "$__copilot_usage_line"; and return
    set -l command
    set -l argument 1
    set -l state word
    for word in (commandline -opc)[2..]
        if test $state = value
            set state word
        else if test "$state $word" = "word --"
            set state ended
        else if test $state = ended
            set argument (math $argument + 1)
        else
            switch (string join ' ' -- $command $word)
@descend@
                case '* -?*' '-?*'
                case '*'
                    set argument (math $argument + 1)
            end
        end
    end
    set -g __copilot_usage_line $line
    set -g __copilot_usage_known $argument $command
end

# Tells whether the command at the cursor is the one given.
function __copilot_usage_in
    __copilot_usage_typed
    test "$__copilot_usage_known[2..]" = "$argv"
end

# Tells whether the argument at the cursor is the n-th of the command given.
function __copilot_usage_at
    __copilot_usage_typed
    test "$__copilot_usage_known" = "$argv"
end

# Offers each part of a comma-separated value: of the names in $argv[1] any that is new, of those in $argv[2] one.
# The tab keeps fish from showing the option's help beside each.
function __copilot_usage_parts
    set -l once (string split ' ' -- $argv[2])
    set -l value (string replace --regex -- '^--[^=]*=' '' (commandline -ct))
    set -l list (string match --regex -- '^.*,' $value)
    set -l taken (string split , -- $list)
    for name in $taken
        contains -- $name $once; and set -a taken $once
    end
    set -l names (string split ' ' -- $argv[1])
    set -l found
    for name in $names
        contains -- $name $taken; and continue
        string match --quiet -- "$value*" "$list$name"; and set -a found $name
    end
    for name in $found
        echo "$list$name"\t
    end
    if test (count $found) = 1
        # fish would end a lone answer with a blank, though another part may follow.
        contains -- $found $once; and set -a taken $once
        for name in $names
            contains -- $name $taken $found; and continue
            echo "$list$found,"\t
            break
        end
    end
end

complete -c copilot-usage -f
@commands@
