#compdef weekly-translate

_weekly_translate_completion() {
  eval $(env _TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" _WEEKLY_TRANSLATE_COMPLETE=complete_zsh weekly-translate)
}

compdef _weekly_translate_completion weekly-translate
_weekly_translate_completion "$@"
