namespace Basalt.Lsm.Loads;

/// <summary>A table that a load has written: its number, and in which turn over the keys. A later turn is newer; tables of one turn share no key.</summary>
internal readonly record struct LoadedTable(ulong Number, ulong Turn);
