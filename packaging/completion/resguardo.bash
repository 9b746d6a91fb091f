# bash completion for resguardo: the program itself knows what may follow.
#
# bash parts words at ":" and "=", too; here they are parted at blanks, as the
# program will get them.
_resguardo() {
    local rest=${COMP_LINE:0:COMP_POINT} piece='' strip i word
    local -a words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        if ((i == 0)) || [[ $rest == [[:space:]]* ]]; then
            rest=${rest#"${rest%%[![:space:]]*}"}
            words+=('')
        fi
        [[ $rest == "$piece"* ]] || piece=$rest
        words[${#words[@]}-1]+=$piece
        rest=${rest#"$piece"}
    done
    # What bash will leave as it stands: all before the last such sign.
    word=${words[${#words[@]}-1]}
    strip=${word%"$piece"}
    [[ $piece == *[!:=]* ]] || strip=$word

    local program=${words[0]}
    type -P -- "$program" >/dev/null || program=resguardo
    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        case $word in
        :files | :folders)
            compopt -o filenames 2>/dev/null
            local kind=-f path
            [[ $word == :folders ]] && kind=-d
            while IFS= read -r path; do
                COMPREPLY+=("$path")
            done < <(compgen "$kind" -- "$piece")
            ;;
        *) COMPREPLY+=("${word#"$strip"}") ;;
        esac
    done < <(printf '%s\0' "${words[@]:1}" | "$program" completion 2>/dev/null)
}
complete -F _resguardo resguardo
