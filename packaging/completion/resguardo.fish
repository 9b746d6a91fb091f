# fish completion for resguardo: the program itself knows what may follow.
function __resguardo_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    type -q -- $program; or set program resguardo
    printf '%s\0' $words "$current" | $program completion 2>/dev/null | while read -l line
        switch $line
            case :files
                __fish_complete_path "$current"
            case :folders
                __fish_complete_directories "$current"
            case '*'
                echo $line
        end
    end
end
complete -c resguardo -f -a '(__resguardo_complete)'
