namespace Basalt.PointClouds.Optimizing;

/// <summary>What an optimisation did.</summary>
/// <param name="Runs">Runs that were merged; zero when there was nothing to do.</param>
/// <param name="Points">Points in them.</param>
/// <param name="ChunksBefore">Chunks that they had.</param>
/// <param name="ChunksAfter">Chunks that they have now.</param>
/// <param name="Removed">Runs that nobody needs any more and that were removed with all their records.</param>
public sealed record OptimizeReport(int Runs, long Points, long ChunksBefore, long ChunksAfter, int Removed);
