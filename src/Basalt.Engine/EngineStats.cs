using Basalt.Indexes;
using Basalt.Lsm;

namespace Basalt.Engine;

/// <summary>What a database holds and does, for who operates it.</summary>
/// <param name="Folder">Where it is.</param>
/// <param name="Collections">In the order of their names.</param>
/// <param name="Store">What lies below all collections: tables, log, memory, pressure on writers, failures of the maintenance.</param>
/// <param name="MemoryBytes">What is taken of <see cref="EngineOptions.MemoryBytes"/>.</param>
/// <param name="MemoryLimitBytes"><see cref="EngineOptions.MemoryBytes"/>.</param>
/// <param name="FreeBytes">What is left on the disk for this user; null where that is not known.</param>
/// <param name="PendingEntries">Entries of tables that an index, or its graph, has yet to be built for, summed over the indexes. They are looked at directly meanwhile.</param>
/// <param name="IndexFault">Why an index could not be built when it was last tried, or null; it is tried again.</param>
public sealed record EngineStats(string Folder, IReadOnlyList<CollectionStats> Collections, LsmStats Store, long MemoryBytes, long MemoryLimitBytes, long? FreeBytes, long PendingEntries, string? IndexFault);

/// <summary>What a collection takes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Records">How many records it has; null when only a scan can tell, because records expire and the clock was set back.</param>
/// <param name="Tables">How many tables hold them; what is in none yet is in memory and in the log.</param>
/// <param name="TableBytes">The size of these tables on disk.</param>
/// <param name="Indexes">Its indexes, in the order of their names.</param>
public sealed record CollectionStats(string Name, long? Records, int Tables, long TableBytes, IReadOnlyList<IndexState> Indexes);
