package metrics

// What became of the configuration.
var ConfigStale = gauge("sluice_config_stale", "1 while the configuration that was read last has faults or needs a restart, and the one before runs.")
