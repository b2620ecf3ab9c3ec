namespace Basalt.Migration;

/// <summary>Where a move keeps what it needs to go on after it was interrupted.</summary>
/// <remarks>
/// A file in the folder, named after source and destination, is replaced atomically after each durable batch and removed when the move
/// succeeds. It is bound to the source's content (of an import), the transform and the options that decide what is written; with others
/// it is refused.
/// </remarks>
/// <param name="Folder">The folder; it is made when it is missing. One move at a time may use one pair of source and destination in it.</param>
/// <param name="Source">The source's name, such as its path or address; the same text in every run.</param>
/// <param name="Destination">The destination's name, such as its address; the same text in every run.</param>
/// <param name="Resume">
/// Whether to go on where an interrupted move stopped; from the beginning when there is no checkpoint. Without it, an old checkpoint is
/// replaced.
/// </param>
public sealed record MoveCheckpoint(string Folder, string Source, string Destination, bool Resume = false)
{
    internal void Validate()
    {
        if (string.IsNullOrEmpty(Folder) || string.IsNullOrEmpty(Source) || string.IsNullOrEmpty(Destination))
            throw new BasaltException(ErrorCode.InvalidOptions, "A checkpoint needs a folder and the names of source and destination.");
    }
}
