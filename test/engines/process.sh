# What the scripts of all engines share. They set NAME (of the script), DIR (it holds pid)
# and the functions fetch and start before they call run_command.

die() { echo "$NAME: $*" >&2; exit 1; }

alive() { [ -f "$DIR/pid" ] && kill -0 "$(cat "$DIR/pid")" 2>/dev/null; }

stop() {
	alive || { rm -f "$DIR/pid"; return 0; }
	pid=$(cat "$DIR/pid")
	kill "$pid"
	i=0
	while kill -0 "$pid" 2>/dev/null; do
		i=$((i + 1))
		[ "$i" -le 100 ] || kill -9 "$pid"
		sleep 0.2
	done
	rm -f "$DIR/pid"
}

signal() { alive && kill "-$1" "$(cat "$DIR/pid")"; }

run_command() {
	case $1 in
	fetch) fetch ;;
	start) start ;;
	stop) stop ;;
	status) alive ;;
	kill) signal KILL; rm -f "$DIR/pid" ;;
	pause) signal STOP ;;
	resume) signal CONT ;;
	*) die "unknown command $1" ;;
	esac
}
