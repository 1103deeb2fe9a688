# bash completion of copilot-usage: @generated@.
# It needs nothing but bash, and starts no process.

# Sets what the command $1 has (commands, options), and what its option or its n-th argument $2 takes (kind).
_copilot_usage_has() {
  commands='' options='' kind='' words='' once=''
  case $1 in
@commands@
  esac
}

# Reads a whole word before the cursor.
_copilot_usage_read() {
  if [[ $option ]]; then
    option=''
  elif [[ $ended ]]; then
    argument=$((argument + 1))
  elif [[ $1 == -- ]]; then
    ended=yes
  elif [[ $1 == -?* ]]; then
    _copilot_usage_has "$command" "$1"
    option=${kind:+$1}
  else
    _copilot_usage_has "$command" ''
    if [[ $argument == 1 && " $commands " == *" $1 "* ]]; then
      command+=" $1"
    else
      argument=$((argument + 1))
    fi
  fi
}

# Offers whole words; readline wants them without what it keeps before the cursor.
_copilot_usage_offer() {
  local offered
  for offered; do
    if [[ $offered == "$word"* ]]; then
      COMPREPLY+=("${offered#"$kept"}")
    fi
  done
}

_copilot_usage() {
  local IFS=$' \t\n'
  local commands options kind words once
  local command=copilot-usage option='' argument=1 ended=''
  local word='' joined='' head='' kept list taken piece i
  local before=${COMP_LINE-} typed=${2-${COMP_WORDS[COMP_CWORD]}}
  before=${before:0:${COMP_POINT-0}} typed=${typed#[=:]}
  COMPREPLY=()

  for ((i = 1; i <= COMP_CWORD; i++)); do
    piece=${COMP_WORDS[i]}
    if [[ $i == "$COMP_CWORD" && $piece != [=:]* ]]; then
      piece=$typed
    fi
    # Readline takes "=" and ":" for words of their own.
    if [[ $word && ($piece == [=:]* || ($joined && ($piece || $before != *[[:space:]]))) ]]; then
      word+=$piece
    else
      if ((i > 1)); then
        _copilot_usage_read "$word"
      fi
      word=$piece
    fi
    joined=''
    if [[ $piece == [=:]* ]]; then
      joined=yes
    fi
  done
  kept=${word%"$typed"}

  if [[ ! $option && ! $ended && $word == --*=* ]]; then
    option=${word%%=*} head=${word%%=*}=
  fi
  if [[ $option ]]; then
    _copilot_usage_has "$command" "$option"
  elif [[ ! $ended && $word == -* ]]; then
    _copilot_usage_has "$command" ''
    _copilot_usage_offer $options
  else
    _copilot_usage_has "$command" "$argument"
    if [[ $argument == 1 ]]; then
      _copilot_usage_offer $commands
    fi
  fi

  case $kind in
    words)
      for piece in $words; do
        _copilot_usage_offer "$head$piece"
      done
      ;;
    parts)
      compopt -o nospace 2>/dev/null || :
      list=${word#"$head"}
      list=${list%"${list##*,}"}
      taken=,$list
      for piece in $once; do
        if [[ ,$list == *,"$piece",* ]]; then
          taken+=${once// /,},
        fi
      done
      for piece in $words; do
        if [[ $taken != *,"$piece",* ]]; then
          _copilot_usage_offer "$head$list$piece"
        fi
      done
      ;;
    file)
      # Readline knows files best, if it is bash 4 or newer and its word is the name.
      if [[ $kept != "$head" ]] || ! compopt -o default 2>/dev/null; then
        for piece in "${word#"$head"}"*; do
          if [[ -e $piece ]]; then
            printf -v piece %q "$piece"
            _copilot_usage_offer "$head$piece"
          fi
        done
      fi
      ;;
  esac
}

complete -F _copilot_usage copilot-usage
