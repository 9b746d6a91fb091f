#compdef resguardo
# zsh completion for resguardo: the program itself knows what may follow.
_resguardo() {
    local word about kept=
    local -a found paths
    [[ $PREFIX == -*=* ]] && kept=${PREFIX%%=*}=
    while IFS=$'\t' read -r word about; do
        case $word in
        (:files) paths=(-f) ;;
        (:folders) paths=(-/) ;;
        (*) word=${word#$kept}; found+=("${word//:/\\:}:$about") ;;
        esac
    done < <({ (( CURRENT > 2 )) && printf '%s\0' "${(@Q)words[2,CURRENT-1]}"
               printf '%s\0' "${(Q)PREFIX}"
             } | "${(Q)words[1]}" completion 2>/dev/null)
    [[ -n $kept ]] && compset -P 1 '*='
    (( $#paths )) && _files ${paths:#-f}
    (( $#found )) && _describe -t words resguardo found
}
# Read by compinit it is this function; sourced, it tells the shell.
if [[ ${funcstack[1]-} = _resguardo ]]; then
    _resguardo "$@"
else
    compdef _resguardo resguardo
fi
