using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>A violation and the position of its record in the batch.</summary>
/// <param name="Index">The position, from 0.</param>
/// <param name="Violation">What is wrong with that record.</param>
public sealed record BatchViolation(int Index, Violation Violation);

/// <summary>Finds values of unique fields that occur more than once in one batch. Says nothing about records that are stored already.</summary>
public static class BatchUniqueness
{
    /// <summary>
    /// A violation for every record that repeats a value of an earlier one in a unique field, ordered by position. Nulls never clash.
    /// Numbers clash by value, whatever their kind.
    /// </summary>
    public static IReadOnlyList<BatchViolation> Check(Schema schema, IReadOnlyList<Record> batch)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(batch);
        var paths = new List<FieldPath>();
        Collect(schema.Fields, [], paths);
        var violations = new List<BatchViolation>();
        foreach (var path in paths)
        {
            var first = new Dictionary<Value, int>();
            for (var i = 0; i < batch.Count; i++)
            {
                var value = path.Resolve(batch[i]);
                if (value.IsNull || first.TryAdd(value, i)) continue;
                var message = $"must be unique, but item {first[value]} of the batch has the same value";
                violations.Add(new BatchViolation(i, new Violation(path.ToString(), "unique", message)));
            }
        }

        return [.. violations.OrderBy(static v => v.Index)];
    }

    private static void Collect(IReadOnlyList<Field> fields, string[] outer, List<FieldPath> paths)
    {
        foreach (var field in fields)
        {
            string[] segments = [.. outer, field.Name];
            if (field.IsUnique) paths.Add(FieldPath.Of(segments));
            if (field.Fields is { } nested) Collect(nested, segments, paths);
        }
    }
}
