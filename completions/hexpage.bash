# bash completion for hexpage: commands, options, files, and the hashes of the store that the
# command line names.

# Prints the paths of the hashes; $1 is the program, the rest the options that choose the store.
_hexpage_hashes() {
  "$@" ls 2>/dev/null
}

_hexpage() {
  local commands='create put get del update merge increment decrement push array-size expire persist ttl each keys all
    match count delete-matching info ls copy rename clear drop
    page-size sweep import export migrate backup restore load reload store table tree stat verify repair compact doctor locks lock watch adopt record config pipe version'
  local globals='--data --backend --config --set --help'
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  local command='' argument=0 key=0 behind='' i word
  local -a store=()
  COMPREPLY=()

  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ -n $behind ]]; then
      ((argument++))
      continue
    fi
    case $word in
      --) behind=yes ;;
      --item) key=1 ;;
      --data | --backend | --config)
        # What is being typed is the option's own word.
        ((i + 1 < COMP_CWORD)) && store+=("$word" "${COMP_WORDS[i + 1]}")
        ((i++))
        ;;
      --set)
        # bash splits KEY=VALUE at its "=".
        if [[ ${COMP_WORDS[i + 2]-} == '=' ]]; then
          store+=(--set "${COMP_WORDS[i + 1]}=${COMP_WORDS[i + 3]-}")
          ((i += 3))
        else
          store+=(--set "${COMP_WORDS[i + 1]-}")
          ((i++))
        fi
        ;;
      --key | --page-size | --ttl | --interval | --member | --table | --layout | --columns | --delimiter | --null | --from | --to | --since | --timeout) ((i++)) ;;
      -*) ;;
      *)
        if [[ -z $command ]]; then command=$word; else ((argument++)); fi
        ;;
    esac
  done

  case $prev in
    --data) mapfile -t COMPREPLY < <(compgen -d -- "$cur") && return ;;
    --config | --from | --to | --since) mapfile -t COMPREPLY < <(compgen -f -- "$cur") && return ;;
    --backend) mapfile -t COMPREPLY < <(compgen -W 'binary filesystem memory' -- "$cur") && return ;;
    --set)
      mapfile -t COMPREPLY < <(compgen -S = -W 'hash_page_size lower_case_keys lock_timeout durability read_only
        raw_file_paths pretty key_prefix key_namespaces key_template' -- "$cur")
      compopt -o nospace 2>/dev/null
      return
      ;;
    --layout) mapfile -t COMPREPLY < <(compgen -W 'documents kamailio columns' -- "$cur") && return ;;
    --key | --page-size | --ttl | --interval | --member | --table | --columns | --delimiter | --null | --timeout) return ;;
  esac

  if [[ -z $command ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands $globals" -- "$cur")
    return
  fi

  if [[ $cur == -* && -z $behind ]]; then
    local options=$globals
    case $command in
      put) options+=' --page-size --ttl' ;;
      create) options+=' --page-size' ;;
      get) options+=' --raw --member' ;;
      increment | decrement) options+=' --member --ttl' ;;
      push | array-size) options+=' --member' ;;
      match | count | delete-matching) options+=' --value --member --ignore-case --by-line' ;;
      del) options+=' --entire' ;;
      ls) options+=' --json --long' ;;
      keys | stat | locks | doctor) options+=' --json' ;;
      verify) options+=' --json --accept' ;;
      watch) options+=' --interval --looks' ;;
      lock) options+=' --item --shared --timeout --try' ;;
      tree) options+=' --json --all' ;;
      repair) options+=' --json --dry-run' ;;
      load | reload | store) options+=' --table --layout --columns --delimiter --null --strict' ;;
      import) options+=' --key --object --page-size' ;;
      migrate) options+=' --from --to --replace --restart' ;;
      backup) options+=' --since' ;;
      restore) options+=' --replace --check' ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    return
  fi

  case $command:$argument in
    import:1 | export:1 | backup:0 | restore:*) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    table:0)
      mapfile -t COMPREPLY < <(compgen -W 'listTables stats get sets seti setex setxs setxi delete
        dump flush reload store' -- "$cur")
      ;;
    lock:*)
      if ((key == 1 && argument == 0)); then
        mapfile -t COMPREPLY < <(compgen -W "$(_hexpage_hashes "${COMP_WORDS[0]}" "${store[@]}")" \
          -- "$cur")
      elif ((argument == key + 1)); then
        mapfile -t COMPREPLY < <(compgen -c -- "$cur")
      elif ((argument > key + 1)); then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      fi
      ;;
    record:0) mapfile -t COMPREPLY < <(compgen -W 'get put del ls' -- "$cur") ;;
    match:1 | count:1 | delete-matching:1)
      mapfile -t COMPREPLY < <(compgen -W 'all equals not-equals prefix suffix contains regex
        integer' -- "$cur")
      ;;
    load:0 | reload:0 | store:0 | increment:0 | decrement:0 | push:0 | array-size:0 | expire:0 | persist:0 | ttl:0 | sweep:0 | watch:0 | match:0 | count:0 | delete-matching:0 | \
      put:0 | get:0 | del:0 | update:0 | merge:0 | each:0 | keys:0 | all:0 | info:0 | ls:0 | copy:0 | \
      copy:1 | rename:0 | rename:1 | clear:0 | drop:0 | page-size:0 | import:0 | export:0 | tree:0 | \
      stat:0 | create:0 | table:1)
      mapfile -t COMPREPLY < <(compgen -W "$(_hexpage_hashes "${COMP_WORDS[0]}" "${store[@]}")" \
        -- "$cur")
      ;;
  esac
}

complete -F _hexpage hexpage
