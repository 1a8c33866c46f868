/// The argument parser's scripts for the completion of command lines.
enum CompletionScript {
  /// The script as shells can use it; other texts as they are.
  ///
  /// Of the parser's scripts none completes values behind an equals sign, and that for bash loses its
  /// way behind words with a colon.
  static func mended(_ text: String) -> String {
    if text.hasPrefix("#!/bin/bash") { return text + "\n" + wholeWords }
    if text.hasPrefix("#compdef") {
      return text.split(separator: "\n", omittingEmptySubsequences: false).map { row in
        mendedSpecification(String(row))
      }.joined(separator: "\n")
    }
    return text.replacing(
      "    set -l token (commandline -t)\n",
      with: "    set -l token (commandline -t | string replace -r -- '^--[^=]*=' '')\n")
  }

  /// For zsh, an option with a value may have it behind an equals sign: `--size=[…]:size:`.
  private static func mendedSpecification(_ row: String) -> String {
    let words = row.drop { $0 == " " }
    guard words.hasPrefix("'"), row.contains("]:") else { return row }
    if words.hasPrefix("'--") || words.hasPrefix("'*--") {
      return row.replacing("[", with: "=[", maxReplacements: 1)
    }
    // '(--output -o)'{--output,-o}'[…]:output:'
    return row.replacing(",-", with: "=,-", maxReplacements: 1)
  }

  /// Bash divides a command line at more than spaces (`COMP_WORDBREAKS`): `lstm:32` and
  /// `--output=runs` are three words each to the parser's script, which then takes `32` for an
  /// argument and offers nothing more. So a function goes before it that puts words together again.
  private static let wholeWords = #"""

    # Calls _rowwise with words as the command gets them, and leaves away from what it offers what bash
    # takes for an earlier word.
    __rowwise_whole_words() {
        local -a words=()
        local -i index
        local rest="${COMP_LINE:0:COMP_POINT}" word space
        for ((index = 0; index <= COMP_CWORD; index++)); do
            space="${rest%%[![:space:]]*}"
            rest="${rest#"${space}"}"
            word="${COMP_WORDS[index]}"
            # Of the word at the cursor what stands before it.
            ((${#word} > ${#rest})) && word="${rest}"
            rest="${rest#"${word}"}"
            if ((index > 0)) && [[ -z "${space}" ]]; then
                words[${#words[@]} - 1]+="${word}"
            else
                words+=("${word}")
            fi
        done

        local -a COMP_WORDS=()
        for word in "${words[@]}"; do
            if [[ "${word}" == --*=* ]]; then
                COMP_WORDS+=("${word%%=*}" "${word#*=}")
            else
                COMP_WORDS+=("${word}")
            fi
        done
        local -i COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        local whole="${COMP_WORDS[COMP_CWORD]}"
        # Within quotes bash divides nothing.
        [[ "${whole}" == [\"\']* ]] && whole="${2}"
        _rowwise "${1}" "${whole}" "${COMP_WORDS[COMP_CWORD - 1]}"

        for index in "${!COMPREPLY[@]}"; do
            if [[ "${whole}" == *"${2}" ]]; then
                COMPREPLY[index]="${COMPREPLY[index]:${#whole} - ${#2}}"
            else
                COMPREPLY[index]="${2%"${whole}"}${COMPREPLY[index]}"
            fi
        done
    }

    complete -o filenames -F __rowwise_whole_words rowwise
    """#
}
