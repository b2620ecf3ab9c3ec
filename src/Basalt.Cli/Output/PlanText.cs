using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Basalt.Filters;
using Basalt.Queries;
using Basalt.Search;

namespace Basalt.Cli.Output;

/// <summary>Prints a plan: lines for people, or one JSON object.</summary>
internal static class PlanText
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Print(QueryPlan plan, RowFormat format, TextWriter output) =>
        output.WriteLine(format == RowFormat.Table ? plan.ToString() : Json(plan));

    /// <summary>How a search ran: its steps and whether it is exact, or <c>{"exact":true,"steps":["..."]}</c>.</summary>
    public static void Print(SearchPlan plan, RowFormat format, TextWriter output)
    {
        if (format != RowFormat.Table)
        {
            output.WriteLine(Json(plan));
            return;
        }

        foreach (var step in plan.Steps) output.WriteLine(Visible.Line(step));
        output.WriteLine(plan.IsExact ? "the answer is exact" : "the answer is approximate");
    }

    private static string Json(SearchPlan plan)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("exact", plan.IsExact);
            WriteList(writer, "steps", plan.Steps);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Json(QueryPlan plan)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("backend", plan.Backend);
            writer.WriteString("collection", plan.Collection);
            writer.WriteString("pushed", plan.Pushed.Filter.ToString());
            writer.WriteString("residual", plan.Residual == Filter.True ? null : plan.Residual.ToString());
            WriteList(writer, "sort", plan.Query.Sort);
            writer.WriteString("sorted_by", plan.SortedBy.ToString().ToLowerInvariant());
            WriteList(writer, "fields", plan.Query.Fields);
            WriteNumber(writer, "limit", plan.Query.Limit);
            writer.WriteNumber("offset", plan.Query.Offset);
            writer.WriteBoolean("limit_pushed", plan.IsLimitPushed);
            WriteNumber(writer, "requests", plan.Cost?.Requests);
            WriteNumber(writer, "bytes", plan.Cost?.Bytes);
            WriteNumber(writer, "records", plan.Cost?.Records);
            writer.WriteString("way", plan.Cost?.Way);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteList<T>(Utf8JsonWriter writer, string name, IReadOnlyList<T>? items)
    {
        writer.WritePropertyName(name);
        if (items is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartArray();
        foreach (var item in items) writer.WriteStringValue(item!.ToString());
        writer.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, long? number)
    {
        if (number is { } known) writer.WriteNumber(name, known);
        else writer.WriteNull(name);
    }
}
