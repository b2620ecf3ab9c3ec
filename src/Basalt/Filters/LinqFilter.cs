namespace Basalt.Filters;
static class LinqFilter { public static Filter Translate<T>(System.Linq.Expressions.Expression<Func<T,bool>> p) => throw new NotSupportedException(p.ToString()); }
