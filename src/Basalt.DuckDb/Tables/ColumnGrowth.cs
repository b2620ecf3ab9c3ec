using Basalt.Backends;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.DuckDb.Tables;

/// <summary>Columns for fields that nobody declared: the first batch that has a value of a field decides its type.</summary>
internal static class ColumnGrowth
{
    /// <summary>The layout with columns for the new fields of a batch; the same object when there are none.</summary>
    public static TableLayout Grow(TableLayout layout, IReadOnlyList<Write> writes)
    {
        HashSet<string>? unknown = null;
        Shape? seen = null;
        foreach (var write in writes)
        {
            // Records of one shape have the same names.
            if (write.Kind == WriteKind.Delete || ReferenceEquals(write.Record.Shape, seen)) continue;
            seen = write.Record.Shape;
            foreach (var name in seen.Names)
                if (layout.IndexOf(name) < 0 && layout.CanAdd(name)) (unknown ??= []).Add(name);
        }

        return unknown is null ? layout : Add(layout, writes, unknown);
    }

    // Without a dimension: only a schema promises that all vectors to come have so many components.
    private static TableLayout Add(TableLayout layout, IReadOnlyList<Write> writes, HashSet<string> unknown)
    {
        var inference = new SchemaInference();
        foreach (var write in writes)
            if (write.Kind != WriteKind.Delete) inference.Observe(write.Record);
        foreach (var field in inference.Infer().Fields)
            if (unknown.Contains(field.Name) && TableColumn.Holds(field.Type) && layout.CanAdd(field.Name)) layout = layout.With(new TableColumn(field.Name, field.Type, null));
        return layout;
    }
}
