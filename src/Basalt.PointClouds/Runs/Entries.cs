using Basalt.PointClouds.Columns;

namespace Basalt.PointClouds.Runs;

/// <summary>What a run has of a label.</summary>
/// <param name="Label">The label.</param>
/// <param name="Points">How many points.</param>
/// <param name="FirstChunk">The first chunk that has some of them.</param>
/// <param name="Chunks">In how many chunks, one after the other, they are.</param>
/// <param name="Extent">Where they are.</param>
internal readonly record struct LabelEntry(ulong Label, long Points, int FirstChunk, int Chunks, Extent Extent);

/// <summary>What a run says of one of its chunks.</summary>
internal readonly record struct ChunkEntry(int Points, int Bytes, int Labels, ulong FirstLabel, ulong LastLabel, Extent Extent);

/// <summary>What a run has of a block, which is whole in it.</summary>
/// <param name="Id">The block's id.</param>
/// <param name="Hash">Of what was handed in, in any order of points: two ingests of the same are told from two of different content.</param>
/// <param name="Points">How many points it has.</param>
/// <param name="Extent">Where they are.</param>
internal readonly record struct BlockEntry(string Id, UInt128 Hash, long Points, Extent Extent);
