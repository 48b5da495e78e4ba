#!/bin/sh
# Starts and stops a real Kafka (KRaft, one node) for tests, without a container:
# Java 17 and Maven are enough. The jars are fetched once from Maven Central.
#
#   kafka.sh fetch
#   kafka.sh start [-p PORT] [-d DIR] [-n NODE -q VOTERS]   ready when it returns
#   kafka.sh stop|status|kill|pause|resume [-d DIR]
#
# PORT is the broker's (default 9092); its controller takes PORT+1. DIR holds data, log and
# pid (default <cache>/kafka-PORT). With -n and -q several brokers make one
# cluster: VOTERS is the list 1@127.0.0.1:9093,2@127.0.0.1:9193,... and every node starts
# with -w (do not wait) but the last. The cache is $SLUICE_ENGINES or ~/.cache/sluice-engines.
set -eu
NAME=kafka.sh
. "$(dirname "$0")/process.sh"

VERSION=3.9.1
CACHE=${SLUICE_ENGINES:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice-engines}
LIB=$CACHE/kafka-$VERSION
CLUSTER=c2x1aWNlLXRlc3RzLTAwMQ # any 22 base64 letters; nodes of one cluster share it

fetch() {
	[ -f "$LIB/ready" ] && return
	command -v mvn >/dev/null || die "mvn not found: install Maven and Java 17"
	mkdir -p "$LIB"
	cat >"$LIB/pom.xml" <<POM
<project><modelVersion>4.0.0</modelVersion><groupId>sluice</groupId><artifactId>kafka</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$VERSION</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
POM
	(cd "$LIB" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime) || die "Maven could not fetch Kafka $VERSION"
	touch "$LIB/ready"
}

configure() {
	mkdir -p "$DIR"
	replicas=$(echo "$VOTERS" | tr ',' '\n' | grep -c .)
	[ "$replicas" -gt 3 ] && replicas=3
	minisr=1
	[ "$replicas" -ge 3 ] && minisr=2
	cat >"$DIR/server.properties" <<CONF
process.roles=broker,controller
node.id=$NODE
controller.quorum.voters=$VOTERS
listeners=PLAINTEXT://127.0.0.1:$PORT,CONTROLLER://127.0.0.1:$((PORT + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$PORT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=$DIR/data
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$minisr
min.insync.replicas=$minisr
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
CONF
	[ -f "$DIR/data/meta.properties" ] || java -cp "$LIB/lib/*" kafka.tools.StorageTool format -t "$CLUSTER" \
		-c "$DIR/server.properties" >"$DIR/format.log" 2>&1 || die "format failed: $(tail -3 "$DIR/format.log")"
}

start() {
	alive && { echo "127.0.0.1:$PORT"; return; }
	fetch
	configure
	: >"$DIR/kafka.log"
	# setsid: a Ctrl-C in the terminal of the tests must not reach the broker first.
	setsid java "-Xmx${KAFKA_HEAP:-512m}" -cp "$LIB/lib/*" kafka.Kafka "$DIR/server.properties" >"$DIR/kafka.log" 2>&1 </dev/null &
	echo $! >"$DIR/pid"
	[ "$WAIT" = 1 ] && wait_ready
	echo "127.0.0.1:$PORT"
}

wait_ready() {
	i=0
	until grep -q "Kafka Server started" "$DIR/kafka.log"; do
		alive || die "Kafka ended: $(tail -5 "$DIR/kafka.log")"
		i=$((i + 1))
		[ "$i" -le 900 ] || die "not ready after 180 s; see $DIR/kafka.log"
		sleep 0.2
	done
}

[ $# -ge 1 ] || die "usage: kafka.sh fetch|start|stop|status|kill|pause|resume [-p PORT] [-d DIR] [-n NODE -q VOTERS] [-w]"
COMMAND=$1
shift
PORT=9092 DIR='' NODE=1 VOTERS='' WAIT=1
while getopts p:d:n:q:w option; do
	case $option in
	p) PORT=$OPTARG ;;
	d) DIR=$OPTARG ;;
	n) NODE=$OPTARG ;;
	q) VOTERS=$OPTARG ;;
	w) WAIT=0 ;;
	*) die "unknown option" ;;
	esac
done
[ -n "$DIR" ] || DIR=$CACHE/kafka-$PORT
[ -n "$VOTERS" ] || VOTERS=$NODE@127.0.0.1:$((PORT + 1))
run_command "$COMMAND"
