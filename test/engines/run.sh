#!/bin/sh
# make test-engines: starts a real Kafka and a real Elasticsearch, runs on them every test
# that can, and stops them again. A suite whose engine does not start fails, it does not skip.
set -eu
cd "$(dirname "$0")/../.."
here=test/engines
root() { [ "$(id -u)" = 0 ]; }

work=$(mktemp -d "${TMPDIR:-/tmp}/sluice-engines.XXXXXX")
root && chmod 711 "$work" # Elasticsearch runs as another user below it
stop() {
	$here/kafka.sh stop -d "$work/kafka" >/dev/null 2>&1 || true
	$here/elasticsearch.sh stop -d "$work/es" >/dev/null 2>&1 || true
	rm -rf "$work"
}
trap stop EXIT INT TERM

kafka_port=${KAFKA_PORT:-19092}
es_port=${ES_PORT:-19200}
$here/kafka.sh start -p "$kafka_port" -d "$work/kafka"
$here/elasticsearch.sh start -p "$es_port" -d "$work/es"

# The tests of outages stop them and start them again.
export SLUICE_TEST_KAFKA_DIR="$work/kafka" SLUICE_TEST_KAFKA_PORT="$kafka_port"
export SLUICE_TEST_ES_DIR="$work/es" SLUICE_TEST_ES_PORT="$es_port"
SLUICE_TEST_KAFKA=127.0.0.1:$kafka_port SLUICE_TEST_ES=http://127.0.0.1:$es_port SLUICE_TEST_ENGINES=must \
	go test -count=1 -timeout 40m -p 1 "$@" \
	./bus/kafka/... ./bus/bustest/... ./sinks/elasticsearch/... ./store/esapi/... ./test/...
