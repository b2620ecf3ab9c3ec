namespace Basalt.PointClouds.Files.Neuroglancer;

/// <summary>How annotations are written.</summary>
public sealed record AnnotationOptions
{
    /// <summary>How many metres a unit of each axis has, as 8e-9 for voxels of eight nanometres; unless given, coordinates have no unit.</summary>
    public IReadOnlyList<double>? Scale { get; init; }

    /// <summary>The most points of a cell of the spatial index: 1 to 16,777,216, default 5,000. A viewer draws up to so many for each cell that it sees before it asks for finer ones.</summary>
    public int CellPoints { get; init; } = 5000;

    internal void Validate(int axes)
    {
        if (CellPoints is < 1 or > AnnotationExport.MostPoints) throw Invalid($"has 1 to {AnnotationExport.MostPoints:N0} points, not {CellPoints}", "A cell of the spatial index");
        if (Scale is null) return;
        if (Scale.Count != axes) throw Invalid($"has a number for each of {axes} axes, not {Scale.Count}", "The scale");
        if (Scale.Any(static scale => !(scale > 0) || !double.IsFinite(scale))) throw Invalid("has numbers above zero", "The scale");
    }

    private static BasaltException Invalid(string what, string who) => new(ErrorCode.InvalidOptions, $"{who} {what}.");
}
