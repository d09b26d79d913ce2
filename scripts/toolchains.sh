# SPDX-License-Identifier: MIT
# To be sourced: finds Go and Rust also where their own installers put them.
for directory in /usr/local/go/bin "${HOME:-/root}/.cargo/bin"; do
  case ":$PATH:" in
    *":$directory:"*) ;;
    *) [ ! -d "$directory" ] || PATH="$PATH:$directory" ;;
  esac
done
export PATH
