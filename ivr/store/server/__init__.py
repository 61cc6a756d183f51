"""The Redis server itself: connections, settings that must hold, disk, replicas."""
