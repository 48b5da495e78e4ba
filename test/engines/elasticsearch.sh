#!/bin/sh
# Starts and stops a real Elasticsearch (one node) for tests, without a container: Java 17
# and Maven are enough. The distribution is fetched once from Maven Central; it lacks
# lifecycle, scripts and some field types, as trimmed clusters do.
#
#   elasticsearch.sh fetch
#   elasticsearch.sh start [-p PORT] [-d DIR]     ready when it returns
#   elasticsearch.sh stop|status|kill|pause|resume [-d DIR]
#
# PORT is HTTP (default 9200); the transport takes PORT+100. DIR holds data, log and pid
# (default <cache>/elasticsearch-PORT). Elasticsearch refuses to run as root: as
# root it runs as the user in $SLUICE_ENGINES_USER (default nobody), so DIR must lie
# where that user can get. The cache is $SLUICE_ENGINES or ~/.cache/sluice-engines.
set -eu
NAME=elasticsearch.sh
. "$(dirname "$0")/process.sh"

VERSION=8.19.21
CACHE=${SLUICE_ENGINES:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice-engines}
RUNAS=${SLUICE_ENGINES_USER:-nobody}

root() { [ "$(id -u)" = 0 ]; }

# As root everything lives under /var/tmp: a home of root cannot be traversed by others.
base() {
	if root && [ -z "${SLUICE_ENGINES:-}" ]; then echo /var/tmp/sluice-engines; else echo "$CACHE"; fi
}

fetch() {
	[ -f "$HOME_DIR/ready" ] && return
	command -v mvn >/dev/null || die "mvn not found: install Maven and Java 17"
	command -v unzip >/dev/null || command -v jar >/dev/null || die "neither unzip nor jar found"
	mvn -q -B dependency:get -Dartifact="org.elasticsearch.distribution.integ-test-zip:elasticsearch:$VERSION:zip" -Dtransitive=false ||
		die "Maven could not fetch Elasticsearch $VERSION"
	repo=$(mvn -q -B help:evaluate -Dexpression=settings.localRepository -DforceStdout 2>/dev/null) || repo=$HOME/.m2/repository
	zip=$repo/org/elasticsearch/distribution/integ-test-zip/elasticsearch/$VERSION/elasticsearch-$VERSION.zip
	[ -f "$zip" ] || zip=$HOME/.m2/repository/org/elasticsearch/distribution/integ-test-zip/elasticsearch/$VERSION/elasticsearch-$VERSION.zip
	[ -f "$zip" ] || die "fetched, but there is no $zip"
	mkdir -p "$BASE"
	if command -v unzip >/dev/null; then (cd "$BASE" && unzip -qo "$zip"); else (cd "$BASE" && jar xf "$zip" && chmod -R u+x "elasticsearch-$VERSION/bin"); fi
	touch "$HOME_DIR/ready"
}

java_home() {
	[ -n "${ES_JAVA_HOME:-}" ] && { echo "$ES_JAVA_HOME"; return; }
	[ -n "${JAVA_HOME:-}" ] && { echo "$JAVA_HOME"; return; }
	dirname "$(dirname "$(readlink -f "$(command -v java)")")"
}

configure() {
	mkdir -p "$DIR/config" "$DIR/logs"
	cp -R "$HOME_DIR/config/." "$DIR/config/"
	cat >"$DIR/config/elasticsearch.yml" <<CONF
cluster.name: sluice-tests
network.host: 127.0.0.1
http.port: $PORT
transport.port: $((PORT + 100))
discovery.type: single-node
xpack.security.enabled: false
path.data: $DIR/data
path.logs: $DIR/logs
cluster.routing.allocation.disk.threshold_enabled: false
CONF
	root || return 0
	chown -R "$RUNAS" "$DIR"
	chmod -R a+rX "$HOME_DIR"
	# Plugins and keystore may be rewritten at start.
	chown -R "$RUNAS" "$HOME_DIR"
}

launch() {
	export ES_JAVA_HOME ES_PATH_CONF="$DIR/config" ES_JAVA_OPTS="-Xms${ES_HEAP:-1g} -Xmx${ES_HEAP:-1g}"
	ES_JAVA_HOME=$(java_home)
	unset JAVA_HOME
	cd "$DIR"
	if root; then
		setsid setpriv --reuid "$RUNAS" --regid nogroup --clear-groups env HOME="$DIR" \
			"$HOME_DIR/bin/elasticsearch" -p "$DIR/pid" >"$DIR/elasticsearch.log" 2>&1 </dev/null &
	else
		setsid "$HOME_DIR/bin/elasticsearch" -p "$DIR/pid" >"$DIR/elasticsearch.log" 2>&1 </dev/null &
	fi
}

answers() {
	if command -v curl >/dev/null; then curl -fs -m 2 "http://127.0.0.1:$PORT/_cluster/health?wait_for_status=yellow&timeout=1s" >/dev/null 2>&1
	else wget -qO /dev/null -T 2 "http://127.0.0.1:$PORT/_cluster/health?wait_for_status=yellow&timeout=1s" 2>/dev/null; fi
}

start() {
	if alive; then echo "http://127.0.0.1:$PORT"; return; fi
	fetch
	configure
	rm -f "$DIR/pid"
	(launch)
	i=0
	until answers; do
		i=$((i + 1))
		[ "$i" -le 600 ] || die "not ready after 180 s: $(tail -5 "$DIR/elasticsearch.log")"
		sleep 0.3
	done
	echo "http://127.0.0.1:$PORT"
}

[ $# -ge 1 ] || die "usage: elasticsearch.sh fetch|start|stop|status|kill|pause|resume [-p PORT] [-d DIR]"
COMMAND=$1
shift
PORT=9200 DIR=''
while getopts p:d: option; do
	case $option in
	p) PORT=$OPTARG ;;
	d) DIR=$OPTARG ;;
	*) die "unknown option" ;;
	esac
done
BASE=$(base)
HOME_DIR=$BASE/elasticsearch-$VERSION
[ -n "$DIR" ] || DIR=$BASE/elasticsearch-$PORT
run_command "$COMMAND"
