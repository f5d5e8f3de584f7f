_weekly_translate_completion() {
    local IFS=$'
'
    COMPREPLY=( $( env COMP_WORDS="${COMP_WORDS[*]}" \
                   COMP_CWORD=$COMP_CWORD \
                   _WEEKLY_TRANSLATE_COMPLETE=complete_bash $1 ) )
    return 0
}

complete -o default -F _weekly_translate_completion weekly-translate
