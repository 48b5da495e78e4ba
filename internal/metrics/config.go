package metrics

// ConfigStale tells that what runs is not what the file says.
var ConfigStale = gauge("sluice_config_stale", "1 while the configuration that was read last has faults or needs a restart, and the one before runs.")
